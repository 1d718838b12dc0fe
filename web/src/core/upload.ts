// Files on their way to the server, in chunks: what arrived before a connection broke is not sent again.

import { signal } from '@preact/signals';
import type { FileId, RoomId, Upload } from '../protocol';
import { call, NoAnswerError, RefusedError, sentence } from './api';

export interface Sending {
  key: number;
  name: string;
  size: number;
  /** Bytes the server has. */
  sent: number;
  /** Once it is there. */
  file?: FileId;
  /** Why it will not be. */
  wrong?: string;
}

/** What goes with the next message, by where that is being written. */
export const sending = signal<ReadonlyMap<string, readonly Sending[]>>(new Map());

/** Waits between tries after a broken connection; then the person is asked. */
const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000];
const stops = new Map<number, AbortController>();
let keys = 0;

export const sendingOf = (draft: string): readonly Sending[] => sending.value.get(draft) ?? [];

function put(draft: string, list: readonly Sending[]): void {
  const next = new Map(sending.peek());
  if (list.length) next.set(draft, list);
  else next.delete(draft);
  sending.value = next;
}

function change(draft: string, key: number, how: Partial<Sending>): void {
  put(draft, (sending.peek().get(draft) ?? []).map((it) => (it.key === key ? { ...it, ...how } : it)));
}

/** Begins at once, and goes on when another room is shown. */
export function attach(draft: string, room: RoomId, files: Iterable<File>): void {
  for (const file of files) {
    const key = ++keys;
    const stop = new AbortController();
    stops.set(key, stop);
    put(draft, [...(sending.peek().get(draft) ?? []), { key, name: file.name, size: file.size, sent: 0 }]);
    send(file, room, (sent) => change(draft, key, { sent }), stop.signal)
      .then((id) => change(draft, key, { file: id, sent: file.size }), (e: unknown) => change(draft, key, { wrong: sentence(e) }))
      .finally(() => stops.delete(key));
  }
}

/** Takes one back. */
export function detach(draft: string, key: number): void {
  stops.get(key)?.abort();
  put(draft, (sending.peek().get(draft) ?? []).filter((it) => it.key !== key));
}

/** They are with the message now. */
export const detachAll = (draft: string): void => put(draft, []);

async function send(file: File, room: RoomId, tell: (sent: number) => void, stop: AbortSignal): Promise<FileId> {
  const begun = await call<Upload>('POST', 'uploads', { name: file.name, size: file.size, room });
  const path = `uploads/${begun.id}`;
  stop.addEventListener('abort', () => void call('DELETE', path).catch(() => {}));
  let now = begun;
  let tries = 0;
  while (!now.file) {
    stop.throwIfAborted();
    const from = now.offset;
    try {
      now = await chunk(path, from, file.slice(from, from + begun.chunk), (sent) => tell(from + sent), stop);
      tries = 0;
    } catch (e) {
      const wait = AGAIN_MS[tries++];
      if (e instanceof RefusedError || wait === undefined) throw e;
      await new Promise((done) => setTimeout(done, wait));
      now = await call<Upload>('GET', path).catch(() => now);
    }
  }
  return now.file.id;
}

/** `fetch` does not tell how far it is. */
function chunk(path: string, from: number, bytes: Blob, tell: (sent: number) => void, stop: AbortSignal): Promise<Upload> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('PATCH', '/api/v1/' + path);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Upload-Offset', String(from));
    request.responseType = 'json';
    request.upload.onprogress = (e) => tell(e.loaded);
    request.onload = () => {
      if (request.status < 300) done(request.response as Upload);
      else if (request.response?.code) fail(new RefusedError(request.response));
      else fail(new NoAnswerError(`The server could not take the file (${request.status}).`));
    };
    request.onerror = request.onabort = () => fail(new NoAnswerError('The connection broke before the file was there.'));
    stop.addEventListener('abort', () => request.abort());
    request.send(bytes);
  });
}
