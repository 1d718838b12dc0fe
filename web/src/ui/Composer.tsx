import { useSignal } from '@preact/signals';
import { useLayoutEffect, useEffect, useRef } from 'preact/hooks';
import type { RoomState, Seq } from '../protocol';
import { bytes, TEXT_BYTES, TYPING_SHOWN } from '../core/limits';
import { clashes } from '../core/drafts';
import { emptyLog, find } from '../core/log';
import { attach, detachAll, sendingOf } from '../core/upload';
import { drafts, live, logOf, me, nameOf, outbox, titleOf } from '../core/store';
import { AttachBar } from './AttachBar';
import { Icon } from './Icon';
import { grow, isEnter } from './keys';
import { linkSelection, mark } from './marks';
import { Quote } from './Quote';
import { client, dialog } from './state';
import { answering, editing, newestAsked, reacting } from './timelineState';
import { TypingLine } from './TypingLine';
import { useComplete } from './useComplete';

/** From here on the length is shown. */
const COUNTED_FROM = 0.9;
const touch = matchMedia('(pointer: coarse) and (max-width: 719px)');

/** Of a room, or of a thread in it. */
export function Composer({ room, thread }: { room: RoomState; thread?: Seq }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const also = useSignal(false);
  const over = useSignal(false);
  const draft = thread === undefined ? room.id : `${room.id}/${thread}`;
  const text = drafts.value.get(draft) ?? '';
  const other = clashes.value.get(draft);
  const reply = thread === undefined ? answering.value.get(room.id) : undefined;
  const quoted = reply === undefined ? undefined : find(logOf(room.id).value ?? emptyLog(room.id, 0), reply);
  const size = text.length * 3 < TEXT_BYTES * COUNTED_FROM ? 0 : bytes(text);
  const going = sendingOf(draft);
  const files = going.flatMap((it) => (it.file ? [{ file: it.file }] : []));
  const sendable = (text.trim() !== '' || files.length > 0) && files.length === going.length && size <= TEXT_BYTES;
  const title = titleOf(room);
  const label = thread === undefined ? `Message ${title}` : 'Reply in thread';
  const begun = thread === undefined ? undefined : find(logOf(room.id).value ?? emptyLog(room.id, 0), thread);
  const hint = begun ? `Reply to ${nameOf(begun.author).split(' ')[0]}` : label;

  const complete = useComplete(box, room, (next) => client().setDraft(draft, next));

  useLayoutEffect(() => grow(box.current!), [text]);
  useEffect(() => {
    // A phone's keyboard would cover what one came to read.
    if (matchMedia('(min-width: 720px)').matches) box.current!.focus({ preventScroll: true });
  }, [room.id, reply]);

  // With nothing in focus, typing goes here.
  useEffect(() => {
    if (thread !== undefined) return;
    const typed = (e: KeyboardEvent) => {
      if (document.activeElement !== document.body || e.key.length !== 1 || e.ctrlKey || e.metaKey || e.altKey) return;
      box.current!.focus();
    };
    document.addEventListener('keydown', typed);
    return () => document.removeEventListener('keydown', typed);
  }, []);
  // Files may be dropped anywhere in the window; they go with the room.
  useEffect(() => {
    if (thread !== undefined) return;
    const files = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false;
    const drag = (e: DragEvent) => {
      if (!files(e)) return;
      e.preventDefault();
      over.value = true;
    };
    const left = (e: DragEvent) => { if (e.relatedTarget === null) over.value = false; };
    const drop = (e: DragEvent) => {
      over.value = false;
      if (files(e) && take(e.dataTransfer?.files)) e.preventDefault();
    };
    document.addEventListener('dragover', drag);
    document.addEventListener('dragleave', left);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', drag);
      document.removeEventListener('dragleave', left);
      document.removeEventListener('drop', drop);
    };
  }, [room.id]);
  // Another width breaks the lines elsewhere.
  useEffect(() => {
    const el = box.current!;
    let width = el.clientWidth;
    const observer = new ResizeObserver(() => {
      if (el.clientWidth === width) return;
      width = el.clientWidth;
      grow(el);
    });
    observer.observe(el);
    return () => observer.disconnect();
  }, []);

  const answer = (to: Seq | undefined) => {
    if (reply === to) return;
    const next = new Map(answering.peek());
    next.delete(room.id);
    answering.value = next;
  };
  const send = () => {
    if (!sendable) return;
    const to = thread === undefined ? (reply === undefined ? {} : { reply }) : { thread, ...(also.value ? { also_in_room: true } : {}) };
    client().post(room.id, text, { ...to, ...(files.length ? { files } : {}) });
    client().setDraft(draft, '');
    detachAll(draft);
    answer(undefined);
    if (thread === undefined) newestAsked.value++;
    box.current!.focus();
  };
  const insert = (words: string) => {
    const el = box.current!;
    el.setRangeText(words, el.selectionStart, el.selectionEnd, 'end');
    client().setDraft(draft, el.value);
    el.focus();
  };
  const editLast = () => {
    // What was just sent has no seq yet; the one before it is not what was meant.
    if (outbox.peek().some((i) => i.room === room.id && i.state !== 'refused')) return;
    const log = logOf(room.id).peek();
    const mine = log?.messages.findLast((m) => m.kind === 'posted' && m.author === me.peek()?.id && m.deleted_by === undefined);
    if (log && mine && find(log, mine.seq)) editing.value = mine.seq;
  };
  const waiting = !live.value && (text !== '' || outbox.value.some((i) => i.room === room.id));
  const take = (list: FileList | null | undefined) => {
    if (!list?.length) return false;
    attach(draft, room.id, list);
    return true;
  };
  return (
    <section class={over.value ? 'cmp over' : 'cmp'} aria-label={thread === undefined ? 'Write a message' : 'Write a reply'}>
      <div class="box">
        {complete.list}
        {quoted && <div class="answer"><Quote of={quoted} room={room.id} /><button type="button" class="ib" aria-label="Do not reply" onClick={() => answer(undefined)}><Icon name="close" size="s" /></button></div>}
        {other !== undefined && (
          <div class="clash" role="status">
            <span>Another device wrote: <q dir="auto">{other}</q></span>
            <button type="button" onClick={() => client().draftSync.settle(draft, other)}>Use that</button>
            <button type="button" onClick={() => client().draftSync.settle(draft, `${text}\n${other}`)}>Keep both</button>
            <button type="button" onClick={() => client().draftSync.settle(draft, text)}>Keep mine</button>
          </div>
        )}
        <AttachBar draft={draft} />
        <div class="row">
          <input ref={picker} type="file" multiple hidden onChange={(e) => { take(e.currentTarget.files); e.currentTarget.value = ''; box.current!.focus(); }} />
          <button type="button" class="ib" aria-label="Attach files" title="Attach files" onClick={() => picker.current!.click()}><Icon name="plus" /></button>
          <textarea id={thread === undefined ? 'composer' : undefined} ref={box} rows={1} value={text} placeholder={hint} aria-label={label} autoComplete="off" {...complete.aria} onBlur={complete.close} onClick={complete.look}
            onPaste={(e) => { if (take(e.clipboardData?.files) || linkSelection(e, e.currentTarget, (next) => client().setDraft(draft, next))) e.preventDefault(); }}
            onInput={(e) => {
              complete.look();
              client().setDraft(draft, e.currentTarget.value);
              if (thread === undefined && e.currentTarget.value && room.member_count <= TYPING_SHOWN) client().typed(room.id);
            }}
            onKeyDown={(e) => {
              if (complete.key(e) || mark(e, e.currentTarget, (next) => client().setDraft(draft, next))) return;
              // On a phone Enter makes a line and the button sends.
              if (isEnter(e) && (e.ctrlKey || !touch.matches)) { e.preventDefault(); send(); }
              else if (e.key === 'Escape' && reply !== undefined) answer(undefined);
              else if (thread !== undefined) return;
              else if (e.key === 'Escape' && !e.isComposing) { client().read(room.id, room.head); newestAsked.value++; }
              else if (e.key === 'ArrowUp' && !e.altKey && text === '' && !e.isComposing) { e.preventDefault(); editLast(); }
            }} />
          <button type="button" class="ib" aria-label="Emoji" title="Emoji" aria-haspopup="dialog" onClick={(e) => { reacting.value = { from: e.currentTarget, insert }; }}><Icon name="smile" /></button>
          {text.trim() !== '' && files.length === 0 && me.value?.role !== 'guest' && <button type="button" class="ib no-phone" aria-label="Send later" title="Send later" onClick={() => { dialog.value = { show: 'schedule', room: room.id, thread }; }}><Icon name="clock" /></button>}
          <button type="button" class={sendable ? 'ib send go' : 'ib send'} aria-label="Send" aria-disabled={!sendable} onClick={send}><Icon name="up" /></button>
        </div>
      </div>
      <div class="foot">
        {thread === undefined ? <TypingLine room={room.id} /> : <label class="also"><input type="checkbox" checked={also.value} onChange={(e) => { also.value = e.currentTarget.checked; }} />Also send to {title}</label>}
        {size >= TEXT_BYTES * COUNTED_FROM ? <span class={size > TEXT_BYTES ? 'over num' : 'num'}>{size > TEXT_BYTES ? `${(size - TEXT_BYTES).toLocaleString()} bytes too long` : `${(TEXT_BYTES - size).toLocaleString()} bytes left`}</span>
          : waiting ? <span>Saved on this device</span>
          : thread === undefined && <span class="no-phone"><b>Shift + Enter</b> for a new line</span>}
      </div>
    </section>
  );
}
