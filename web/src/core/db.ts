import type { RoomId, RoomState, ServerInfo, User } from '../protocol';
import { newest, type RoomLog } from './log';
import type { Item } from './outbox';

/** What is kept on the device, per account. Everything but outbox and drafts can be had again from the server. */
export interface Meta {
  logId: string;
  me: User;
  server: ServerInfo;
  rooms: RoomState[];
  users: User[];
}

export interface Draft {
  room: RoomId;
  text: string;
  at: number;
}

/** Newest messages kept per room. */
export const KEPT_MESSAGES = 200;
/** Rooms kept, most recently used first. */
const KEPT_ROOMS = 50;
/** 2: logs know of threads, reactions and who looks. */
const VERSION = 2;
const STORES = ['meta', 'logs', 'outbox', 'drafts'] as const;
type Store = (typeof STORES)[number];

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (tx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = tx.onerror = () => reject(tx.error);
  });

const nameOf = (account: string) => `chatter-${account}`;

/** One account's device database. Without one (private window, broken, full) it remembers nothing and says nothing. */
export class Db {
  private constructor(private db: IDBDatabase | undefined) {}

  static async open(account: string): Promise<Db> {
    try {
      const request = indexedDB.open(nameOf(account), VERSION);
      request.onupgradeneeded = (e) => {
        const db = request.result;
        if (e.oldVersion === 1) for (const store of ['meta', 'logs']) db.deleteObjectStore(store);
        // Outbox and drafts are the person's own words: an upgrade may drop the rest, never these.
        for (const store of STORES) {
          if (db.objectStoreNames.contains(store)) continue;
          const keyPath = { meta: null, logs: 'room', outbox: 'key', drafts: 'room' }[store];
          db.createObjectStore(store, keyPath === null ? {} : { keyPath });
        }
      };
      const db = await done(request);
      const self = new Db(db);
      // Another tab signed out or has a newer version.
      db.onversionchange = () => self.close();
      return self;
    } catch {
      return new Db(undefined);
    }
  }

  get works(): boolean {
    return this.db !== undefined;
  }

  close(): void {
    this.db?.close();
    this.db = undefined;
  }

  static async destroy(account: string): Promise<void> {
    try {
      await done(indexedDB.deleteDatabase(nameOf(account)));
    } catch {
      // Nothing to delete, or nowhere to delete it.
    }
  }

  async meta(): Promise<Meta | undefined> {
    return this.#read('meta', (s) => s.get('meta') as IDBRequest<Meta | undefined>);
  }

  saveMeta(meta: Meta): Promise<void> {
    return this.#write(['meta'], (tx) => tx.objectStore('meta').put(meta, 'meta'));
  }

  async log(room: RoomId): Promise<RoomLog | undefined> {
    const stored = await this.#read('logs', (s) => s.get(room) as IDBRequest<{ log: RoomLog } | undefined>);
    return stored?.log;
  }

  async logs(): Promise<RoomLog[]> {
    const stored = await this.#read('logs', (s) => s.getAll() as IDBRequest<{ log: RoomLog; used: number }[]>);
    return (stored ?? []).sort((a, b) => b.used - a.used).map((s) => s.log);
  }

  /** Another tab may be ahead: what is on the device never goes back. */
  saveLogs(logs: readonly RoomLog[], used: number): Promise<void> {
    return this.#write(['logs'], (tx) => {
      const store = tx.objectStore('logs');
      for (const log of logs) {
        const request = store.get(log.room) as IDBRequest<{ log: RoomLog } | undefined>;
        request.onsuccess = () => {
          if (request.result && request.result.log.head > log.head) return;
          store.put({ room: log.room, used, log: newest(log, KEPT_MESSAGES) });
        };
      }
    });
  }

  /** Keeps the most recently used rooms only. */
  async pruneLogs(): Promise<void> {
    const all = await this.#read('logs', (s) => s.getAll() as IDBRequest<{ room: RoomId; used: number }[]>);
    const old = (all ?? []).sort((a, b) => b.used - a.used).slice(KEPT_ROOMS);
    if (old.length) await this.#write(['logs'], (tx) => {
      for (const o of old) tx.objectStore('logs').delete(o.room);
    });
  }

  removeLog(room: RoomId): Promise<void> {
    return this.#write(['logs'], (tx) => tx.objectStore('logs').delete(room));
  }

  /** The server's logs are not the ones we knew (a backup was restored). Never the outbox or drafts. */
  dropLogs(): Promise<void> {
    return this.#write(['logs', 'meta'], (tx) => {
      tx.objectStore('logs').clear();
      tx.objectStore('meta').clear();
    });
  }

  async outbox(): Promise<Item[]> {
    return (await this.#read('outbox', (s) => s.getAll() as IDBRequest<Item[]>)) ?? [];
  }

  saveItem(item: Item): Promise<void> {
    return this.#write(['outbox'], (tx) => tx.objectStore('outbox').put(item), 'strict');
  }

  removeItem(key: string): Promise<void> {
    return this.#write(['outbox'], (tx) => tx.objectStore('outbox').delete(key));
  }

  async drafts(): Promise<Draft[]> {
    return (await this.#read('drafts', (s) => s.getAll() as IDBRequest<Draft[]>)) ?? [];
  }

  saveDraft(draft: Draft): Promise<void> {
    return this.#write(['drafts'], (tx) => {
      const store = tx.objectStore('drafts');
      if (draft.text) store.put(draft);
      else store.delete(draft.room);
    });
  }

  async #read<T>(store: Store, ask: (s: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
      return this.db && (await done(ask(this.db.transaction(store).objectStore(store))));
    } catch {
      return undefined;
    }
  }

  async #write(stores: Store[], change: (tx: IDBTransaction) => void, durability: IDBTransactionDurability = 'relaxed'): Promise<void> {
    try {
      if (!this.db) return;
      const tx = this.db.transaction(stores, 'readwrite', { durability });
      change(tx);
      await finished(tx);
    } catch {
      // Full or closing: the page goes on from memory.
    }
  }
}
