import { batch } from '@preact/signals';
import type { ClientFrame, Command, Event, Key, Message, RoomId, RoomState, Seq, ServerFrame, Thread, User, UserId, Welcome } from '../protocol';
import { api, RefusedError } from './api';
import { Db, type Meta } from './db';
import { newKey } from './ids';
import { PROTOCOL_VERSION, RECEIPTS_SHOWN, USERS_ASKED } from './limits';
import { Link, type RefusedReason } from './link';
import { isLine } from './amend';
import { applyAll, emptyLog, find, mergePage, mergeThread, newest, type RoomLog, runAt } from './log';
import { type Answer, type Item, Outbox, type Where } from './outbox';
import { DraftSync } from './drafts';
import { hearKept, loadAllKept } from './kept';
import { hearPersonal, loadSections, putPreferences } from './personal';
import { needsReading } from './reading';
import { applyToRoom, countsFor, withMentions } from './room';
import * as store from './store';
import { logOf, withEntry } from './store';
import { Tabs } from './tabs';

/** How long a command may go without an answer. */
const ANSWER_LIMIT = 15_000;
const SAVE_AFTER = 500;
const DRAFT_AFTER = 300;
/** Typing is told again this often while keys are pressed. */
const TYPING_EVERY = 3_000;
/** What comes close together is acknowledged at once. */
const GOT_AFTER = 300;
/** Messages kept in memory for a room that is not on screen; trimmed when there are a good deal more. */
const MEMORY_KEPT = 300;
const MEMORY_SLACK = 100;
const REFRESH_PAGE = 60;
const REFRESH_AGAIN = 3_000;
const THREAD_PAGE = 100;
/** Frames that come faster than the screen are folded together; a hidden page has no frames to wait for. */
const JOIN_HIDDEN = 50;

type Said = { answer: 'ok'; seq?: Seq } | { answer: 'refused'; refusal: RefusedError['refusal'] } | { answer: 'lost' };

/** Who hears of new messages as they happen: the live log. */
type Listener = (room: RoomId, events: readonly Event[]) => void;

/** Joins the parts: frames into the store, the store onto the device, the person's doings to the server. */
export class Client {
  readonly #link: Link;
  readonly #outbox: Outbox;
  #tabs: Tabs | undefined;
  #logId: string | undefined;
  #ref = 0;
  readonly #asked = new Map<number, (said: Said) => void>();
  /** Logs being loaded afresh, while the old ones are still shown. */
  readonly #fresh = new Map<RoomId, RoomLog>();
  #pending = new Map<RoomId, Event[]>();
  #joining = false;
  readonly #dirty = new Set<RoomId>();
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #draftTimers = new Map<RoomId, ReturnType<typeof setTimeout>>();
  readonly #wanted = new Set<UserId>();
  #wantTimer: ReturnType<typeof setTimeout> | undefined;
  /** Receipts not yet said. */
  readonly #unsaidReads = new Map<RoomId, Seq>();
  /** Rooms of which others have not heard yet that this device has what was said. */
  readonly #unsaidGot = new Set<RoomId>();
  #gotTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #typedAt = new Map<RoomId, number>();
  readonly #loading = new Map<string, Promise<void>>();
  #visiting: RoomId | undefined;
  /** The room on screen, of which more is kept. */
  #shown: RoomId | undefined;
  readonly listeners = new Set<Listener>();
  readonly draftSync: DraftSync;

  constructor(readonly account: UserId, private readonly db: Db) {
    this.draftSync = new DraftSync({
      text: (draft) => store.drafts.peek().get(draft) ?? '',
      put: (draft, text) => this.setDraft(draft, text),
      remember: (known) => remember(SYNCED + account, JSON.stringify([...known].filter(([, it]) => it.text))),
    }, parsed<[string, { rev: number; text: string }][]>(remembered(SYNCED + account)) ?? []);
    this.#outbox = new Outbox({
      send: (item) => this.#sendItem(item),
      save: async (item) => {
        await db.saveItem(item);
        this.#tabs?.tell({ news: 'outbox' });
      },
      remove: async (key) => {
        await db.removeItem(key);
        this.#tabs?.tell({ news: 'outbox' });
      },
      changed: (items) => {
        store.outbox.value = items;
      },
      ready: () => this.#link.state.state === 'live' && (this.#tabs?.leads ?? false),
    });
    this.#link = new Link({
      open: () => new WebSocket(new URL('/api/v1/ws', location.href.replace(/^http/, 'ws'))),
      hello: () => JSON.stringify(this.#hello()),
      frame: (data) => this.#frame(data),
      ping: () => this.#say({ type: 'ping' }),
      changed: (state) => {
        batch(() => {
          store.link.value = state;
          if (state.state === 'live') return;
          // We do not know who is here any more.
          store.presence.value = new Map();
          store.typing.value = new Map();
        });
        if (state.state !== 'live') this.#lostAll();
      },
      online: () => navigator.onLine,
      diagnose,
    });
  }

  /** What is on the device, onto the screen. True when there was something. */
  async restore(lastRoom: RoomId | undefined): Promise<boolean> {
    const [meta, log, drafts] = await Promise.all([this.db.meta(), lastRoom ? this.db.log(lastRoom) : undefined, this.db.drafts()]);
    batch(() => {
      store.drafts.value = new Map(drafts.map((d) => [d.room, d.text]));
      for (const [room, text] of this.#takeUnsavedDrafts()) this.setDraft(room, text);
      if (!meta) return;
      this.#logId = meta.logId;
      store.me.value = meta.me;
      store.server.value = meta.server;
      store.users.value = new Map(meta.users.map((u) => [u.id, u]));
      store.rooms.value = new Map(meta.rooms.map((r) => [r.id, r]));
      if (log) logOf(log.room).value = log;
    });
    return meta !== undefined;
  }

  async start(): Promise<void> {
    const logs = this.#logId === undefined ? [] : await this.db.logs();
    batch(() => {
      for (const log of logs) if (!logOf(log.room).peek()) logOf(log.room).value = log;
    });
    this.#tabs = new Tabs(
      this.account,
      (news) => {
        if (news.news === 'outbox') void this.db.outbox().then((items) => this.#outbox.load(items));
        // What is being written here is newer than what the other tab kept.
        else if (news.news === 'draft') { if (!this.#draftTimers.has(news.room)) store.drafts.value = withEntry(store.drafts.peek(), news.room, news.text || undefined); }
        else location.assign('/login');
      },
      () => void this.db.outbox().then((items) => this.#outbox.load(items)),
    );
    this.#outbox.load(await this.db.outbox());
    addEventListener('online', () => this.#link.wake());
    addEventListener('offline', () => this.#link.wentOffline());
    addEventListener('pageshow', (e) => e.persisted && this.#link.wake());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#link.wake();
      else void this.save();
    });
    addEventListener('pagehide', () => {
      this.#keepUnsavedDrafts();
      void this.save();
    });
    this.#link.start();
    void this.db.pruneLogs();
  }

  tryNow(): void {
    this.#link.tryNow();
  }

  async signOut(): Promise<void> {
    await api.signOut().catch((e: unknown) => {
      // Signed out already is what was asked for.
      if (!(e instanceof RefusedError && e.code === 'not_signed_in')) throw e;
    });
    clearTimeout(this.#saveTimer);
    this.#link.stop();
    this.#outbox.dispose();
    this.#tabs?.tell({ news: 'signed_out' });
    this.#tabs?.close();
    this.db.close();
    remember(SYNCED + this.account, undefined);
    await Db.destroy(this.account);
  }

  // --- what the person does -------------------------------------------------------------------------------------

  post(room: RoomId, text: string, where: Where = {}): void {
    this.#typedAt.delete(room);
    void this.#outbox.add(room, newKey(), { do: 'post', text, ...where });
  }

  edit(room: RoomId, seq: Seq, text: string): void {
    void this.#outbox.add(room, newKey(), { do: 'edit', seq, text });
  }

  /** Removed from sight at once, from the server after `undoFor`. Returns the key that undoes it. */
  remove(room: RoomId, seq: Seq, undoFor: number): Key {
    const key = newKey();
    void this.#outbox.add(room, key, { do: 'delete', seq }, Date.now() + undoFor);
    return key;
  }

  retry(key: Key): void {
    this.#outbox.retry(key);
  }

  discard(key: Key): boolean {
    return this.#outbox.discard(key);
  }

  setDraft(room: RoomId, text: string): void {
    if ((store.drafts.peek().get(room) ?? '') === text) return;
    store.drafts.value = withEntry(store.drafts.peek(), room, text || undefined);
    clearTimeout(this.#draftTimers.get(room));
    this.#draftTimers.set(room, setTimeout(() => void this.#saveDraft(room), DRAFT_AFTER));
    if (store.me.peek()?.role !== 'guest') this.draftSync.changed(room);
  }

  async #saveDraft(room: RoomId): Promise<void> {
    clearTimeout(this.#draftTimers.get(room));
    this.#draftTimers.delete(room);
    const text = store.drafts.peek().get(room) ?? '';
    await this.db.saveDraft({ room, text, at: Date.now() });
    this.#tabs?.tell({ news: 'draft', room, text });
  }

  /** The database may not finish before the page is gone; this storage is written at once. */
  #keepUnsavedDrafts(): void {
    const unsaved = [...this.#draftTimers.keys()].map((room) => [room, store.drafts.peek().get(room) ?? '']);
    if (unsaved.length) remember(UNSAVED + this.account, JSON.stringify(unsaved));
  }

  #takeUnsavedDrafts(): [RoomId, string][] {
    const kept = remembered(UNSAVED + this.account);
    remember(UNSAVED + this.account, undefined);
    return parsed<[RoomId, string][]>(kept) ?? [];
  }

  /** Nobody looks at this device any more, or someone does again. */
  idle(idle: boolean): void {
    this.#say({ type: 'idle', idle });
  }

  typed(room: RoomId): void {
    const now = Date.now();
    if (now - (this.#typedAt.get(room) ?? 0) < TYPING_EVERY) return;
    this.#typedAt.set(room, now);
    this.#say({ type: 'typing', room });
  }

  read(room: RoomId, seq: Seq): void {
    const state = store.rooms.peek().get(room);
    if (!state?.role || seq <= state.read) return;
    const log = logOf(room).peek();
    const after = log?.messages.filter((m) => m.seq > seq && needsReading(m, this.account)) ?? [];
    const mentions = after.filter((m) => countsFor(m, this.account).mention).length;
    this.#putRoom(withMentions({ ...state, read: seq, unread: Math.min(state.unread, after.length) }, Math.min(state.mentions ?? 0, mentions)));
    this.#unsaidReads.set(room, seq);
    this.#sayReads();
  }

  #sayReads(): void {
    for (const [room, seq] of this.#unsaidReads) {
      if (!this.#say({ type: 'read', room, seq })) return;
      this.#unsaidReads.delete(room);
    }
  }

  // --- rooms ----------------------------------------------------------------------------------------------------

  /** Shows an open room that is not mine. Throws a refusal when there is none for me. */
  async visit(room: RoomId): Promise<void> {
    if (store.rooms.peek().get(room)?.role) return;
    const state = await api.room(room);
    this.#putRoom(state);
    this.#visiting = room;
    if (!logOf(room).peek()) logOf(room).value = emptyLog(room, state.head, this.account);
    this.#say({ type: 'follow', room, cursor: logOf(room).peek()!.head });
  }

  show(room: RoomId): void {
    this.#shown = room;
  }

  /** The room is not on screen any more. */
  unvisit(room: RoomId): void {
    if (this.#shown === room) this.#shown = undefined;
    if (this.#visiting !== room) return;
    this.#visiting = undefined;
    if (store.rooms.peek().get(room)?.role) return;
    this.#say({ type: 'unfollow', room });
    this.#forget(room);
  }

  /** A room that an answer to REST says is mine; its frame may come later. */
  welcomeRoom(state: RoomState): void {
    this.#putRoom(state);
    if (!logOf(state.id).peek()) logOf(state.id).value = emptyLog(state.id, state.head, this.account);
  }

  loadNewest(room: RoomId, limit: number): Promise<void> {
    return this.#load(room, {}, limit);
  }

  loadBefore(room: RoomId, before: Seq, limit: number): Promise<void> {
    return this.#load(room, { before }, limit);
  }

  loadAround(room: RoomId, around: Seq, limit: number): Promise<void> {
    return this.#load(room, { around }, limit);
  }

  loadAfter(room: RoomId, after: Seq, limit: number): Promise<void> {
    return this.#load(room, { after }, limit);
  }

  #load(room: RoomId, at: { before?: Seq; after?: Seq; around?: Seq }, limit: number): Promise<void> {
    const what = JSON.stringify([room, at]);
    let loading = this.#loading.get(what);
    if (!loading) {
      loading = this.#fetchPage(room, at, limit).finally(() => this.#loading.delete(what));
      this.#loading.set(what, loading);
    }
    return loading;
  }

  async #fetchPage(room: RoomId, at: { before?: Seq; after?: Seq; around?: Seq }, limit: number): Promise<void> {
    const page = await api.page(room, at, limit);
    this.#join();
    const fresh = this.#fresh.get(room);
    const log = fresh ?? logOf(room).peek();
    if (!log) return;
    const next = mergePage(log, page);
    // Read before amendments we no longer keep: a new one will do.
    if (next === log) return this.#fetchPage(room, at, limit);
    if (fresh && !at.before && !at.after && !at.around) this.#fresh.delete(room);
    else if (fresh) {
      this.#fresh.set(room, next);
      return;
    }
    batch(() => {
      logOf(room).value = next;
      this.#outbox.seen(room, next.head, new Set(page.messages.flatMap((m) => (m.author === this.account && m.key) || [])));
    });
    this.#touch(room);
  }

  /** A piece of a thread: its newest replies, or those before one. */
  async loadThread(room: RoomId, root: Seq, before?: Seq): Promise<boolean> {
    const page = await api.thread(room, root, before, THREAD_PAGE);
    this.#join();
    const log = logOf(room).peek();
    if (!log) return false;
    const next = mergeThread(log, page);
    if (next === log) return this.loadThread(room, root, before);
    logOf(room).value = next;
    this.want(page.messages.map((m) => m.author));
    return page.messages.length === THREAD_PAGE;
  }

  /** To hear of a thread, or not. */
  async followThread(room: RoomId, root: Seq, follows: boolean): Promise<void> {
    this.#putThreads([await api.followThread(room, root, follows)]);
  }

  async loadThreadPlace(room: RoomId, root: Seq): Promise<void> {
    this.#putThreads([await api.threadPlace(room, root)]);
  }

  async loadMembers(room: RoomId): Promise<void> {
    const list = [];
    let after: UserId | undefined;
    // A few pages: the panel asks for the rest by itself one day.
    for (let i = 0; i < 5; i++) {
      const page = await api.members(room, after);
      list.push(...page);
      if (page.length < 200) break;
      after = page.at(-1)!.user;
    }
    store.members.value = withEntry(store.members.peek(), room, list);
    this.want(list.map((m) => m.user));
  }

  async loadReceipts(room: RoomId): Promise<void> {
    if ((store.rooms.peek().get(room)?.member_count ?? 0) > RECEIPTS_SHOWN) return;
    const list = await api.receipts(room);
    this.#putReceipts(room, Object.fromEntries(list.map((r) => [r.user, r.seq])));
    this.#putGot(room, Object.fromEntries(list.map((r) => [r.user, Math.max(r.seq, r.got ?? 0)])));
  }

  /** People are asked for by id when something shows them, many in one request. */
  want(ids: Iterable<UserId>): void {
    const known = store.users.peek();
    for (const id of ids) if (!known.has(id)) this.#wanted.add(id);
    if (this.#wanted.size && this.#wantTimer === undefined) this.#wantTimer = setTimeout(() => void this.#fetchUsers(), 10);
  }

  async #fetchUsers(): Promise<void> {
    const ids = [...this.#wanted].slice(0, USERS_ASKED);
    try {
      this.putUsers(await api.users(ids));
      for (const id of ids) this.#wanted.delete(id);
    } catch {
      // Asked again with the next one that is wanted, or on the next welcome.
    }
    this.#wantTimer = undefined;
  }

  putUsers(list: readonly User[]): void {
    const next = new Map(store.users.peek());
    for (const u of list) next.set(u.id, u);
    batch(() => {
      store.users.value = next;
      const mine = list.find((u) => u.id === this.account);
      if (mine) store.me.value = mine;
    });
    this.#touch();
  }

  // --- frames ---------------------------------------------------------------------------------------------------

  #hello(): ClientFrame {
    this.#join();
    const cursors: Record<RoomId, Seq> = {};
    for (const log of store.heldLogs()) if (store.rooms.peek().get(log.room)?.role) cursors[log.room] = log.head;
    return { type: 'hello', protocol: PROTOCOL_VERSION, ...(this.#logId === undefined ? {} : { log_id: this.#logId, cursors }) };
  }

  /** True when it was the welcome. */
  #frame(data: unknown): boolean {
    if (typeof data !== 'string') return false;
    let frame: ServerFrame;
    try {
      frame = JSON.parse(data) as ServerFrame;
    } catch {
      return false;
    }
    if (frame.type === 'event') {
      this.#queue(frame);
      return false;
    }
    this.#join();
    batch(() => this.#handle(frame));
    return frame.type === 'welcome';
  }

  #handle(frame: ServerFrame): void {
    if (hearPersonal(frame)) return this.#touch();
    if (hearKept(frame)) return;
    switch (frame.type) {
      case 'welcome':
        return this.#welcome(frame);
      case 'ok':
        return this.#answered(frame.ref, { answer: 'ok', ...(frame.seq === undefined ? {} : { seq: frame.seq }) });
      case 'refused':
        if (frame.ref !== undefined) this.#answered(frame.ref, { answer: 'refused', refusal: frame });
        return;
      case 'reset':
        this.#fresh.set(frame.room, emptyLog(frame.room, frame.head, this.account));
        return this.#refresh(frame.room);
      case 'room': {
        const { type: _, ...state } = frame;
        return this.welcomeRoom(state);
      }
      case 'gone': {
        const room = store.rooms.peek().get(frame.room);
        this.#forget(frame.room);
        if (lastRoom.get() === frame.room) lastRoom.set(undefined);
        if (room?.kind === 'open') {
          const { role: _, ...rest } = room;
          this.#putRoom(withMentions({ ...rest, unread: 0 }, 0));
        }
        return;
      }
      case 'read': {
        const room = store.rooms.peek().get(frame.room);
        if (!room || frame.seq < room.read) return;
        // It also comes when something concerns me; the messages themselves are counted as they come.
        const unread = frame.seq > room.read ? frame.unread : room.unread;
        this.#putRoom(withMentions({ ...room, read: frame.seq, unread }, frame.mentions ?? 0));
        return;
      }
      case 'thread':
        return this.#putThreads([frame]);
      case 'draft':
        return this.draftSync.heard(frame);
      case 'typing':
        this.want(frame.users);
        store.typing.value = withEntry(store.typing.peek(), frame.room, frame.users.filter((u) => u !== this.account));
        return;
      case 'presence':
        if (frame.users) this.want(frame.users.slice(0, 40));
        store.presence.value = withEntry(store.presence.peek(), frame.room, frame);
        return;
      case 'receipts':
        if (frame.got) this.#putGot(frame.room, frame.got);
        return this.#putReceipts(frame.room, frame.read);
      case 'user': {
        const { type: _, ...user } = frame;
        return this.putUsers([user]);
      }
    }
  }

  /** Replaces a log that fell too far behind; what is shown stays until the new page is here. */
  #refresh(room: RoomId): void {
    if (!this.#fresh.has(room)) return;
    void this.loadNewest(room, REFRESH_PAGE).catch(() => setTimeout(() => this.#refresh(room), REFRESH_AGAIN));
  }

  #welcome(w: Welcome): void {
    if (this.#logId !== undefined && this.#logId !== w.log_id) {
      for (const log of store.heldLogs()) logOf(log.room).value = undefined;
      void this.db.dropLogs();
    }
    this.#logId = w.log_id;
    const now = new Map(w.rooms.map((r) => [r.id, r]));
    for (const log of store.heldLogs()) {
      if (!now.has(log.room) && log.room !== this.#visiting) this.#forget(log.room);
    }
    const visited = this.#visiting === undefined ? undefined : store.rooms.peek().get(this.#visiting);
    if (visited && !now.has(visited.id)) now.set(visited.id, visited);
    for (const [id, room] of now) {
      // What was read here while away is not unread, whatever the server still thinks.
      const unsaid = this.#unsaidReads.get(id);
      if (unsaid !== undefined && unsaid <= room.read) this.#unsaidReads.delete(id);
    }
    store.me.value = w.me;
    store.server.value = w.server;
    store.rooms.value = now;
    store.fresh.value = true;
    for (const room of w.rooms) if (!logOf(room.id).peek()) logOf(room.id).value = emptyLog(room.id, room.head, this.account);
    if (w.preferences) putPreferences(w.preferences);
    this.putUsers([w.me]);
    this.want(w.rooms.flatMap((r) => [r.created_by, ...(r.people ?? [])]));
    this.#touch();
    // The link is live only after this returns.
    queueMicrotask(() => {
      const visiting = this.#visiting;
      if (visiting && !store.rooms.peek().get(visiting)?.role) {
        this.#say({ type: 'follow', room: visiting, cursor: logOf(visiting).peek()?.head ?? 0 });
      }
      this.#sayReads();
      this.#outbox.flush();
      void loadSections().catch(() => {});
      if (w.me.role !== 'guest') {
        void loadAllKept().catch(() => {});
        void api.drafts().then((all) => this.draftSync.heardAll(all), () => {});
      }
      void api.unreadThreads().then((list) => this.#putThreads(list), () => {});
    });
  }

  #queue(event: Event): void {
    const list = this.#pending.get(event.room);
    if (list) list.push(event);
    else this.#pending.set(event.room, [event]);
    if (this.#joining) return;
    this.#joining = true;
    const run = () => this.#joining && this.#join();
    if (document.visibilityState === 'visible') requestAnimationFrame(run);
    // Also when visible: a window that is fully covered may get no frames.
    setTimeout(run, JOIN_HIDDEN);
  }

  /** Folds what has come in since the last time. */
  #join(): void {
    this.#joining = false;
    if (this.#pending.size === 0) return;
    const pending = this.#pending;
    this.#pending = new Map();
    batch(() => {
      for (const [room, events] of pending) this.#fold(room, events);
    });
    for (const [room, events] of pending) for (const l of this.listeners) l(room, events);
  }

  #fold(room: RoomId, events: readonly Event[]): void {
    const fresh = this.#fresh.get(room);
    const old = fresh ?? logOf(room).peek();
    if (!old) return;
    let log = applyAll(old, events);
    if (room !== this.#shown && log.messages.length > MEMORY_KEPT + MEMORY_SLACK) log = newest(log, MEMORY_KEPT);
    if (log.stale && !old.stale) this.#say({ type: 'follow', room, cursor: log.head });
    if (fresh) this.#fresh.set(room, log);
    else logOf(room).value = log;

    let state = store.rooms.peek().get(room);
    if (state) {
      events.forEach((e, i) => { state = applyToRoom(state!, e, this.account, heldBefore(old, events, i)); });
      this.#putRoom(state);
    }
    this.#foldMembers(room, events);
    this.#foldTyping(room, events);
    this.#foldReceipts(room, events);
    const keys = new Set(events.flatMap((e) => (e.author === this.account && e.key) || []));
    this.#outbox.seen(room, log.head, keys);
    if (state?.role && state.member_count <= RECEIPTS_SHOWN && events.some((e) => e.kind === 'posted' && e.author !== this.account)) {
      this.#unsaidGot.add(room);
      this.#sayGot();
    }
    for (const root of log.doubtful) if (!old.doubtful.includes(root)) void this.#load(room, { around: root }, 1).catch(() => {});
    this.#touch(room);
  }

  #foldMembers(room: RoomId, events: readonly Event[]): void {
    let list = store.members.peek().get(room);
    if (!list) return;
    for (const e of events) {
      if (e.kind === 'joined') list = [...list.filter((m) => m.user !== e.user), { user: e.user, role: e.role, joined_at: e.at }];
      else if (e.kind === 'left') list = list.filter((m) => m.user !== e.user);
      else if (e.kind === 'role_changed') list = list.map((m) => (m.user === e.user ? { ...m, role: e.role } : m));
    }
    if (list !== store.members.peek().get(room)) store.members.value = withEntry(store.members.peek(), room, list);
  }

  /** Who has just said something is not typing, even if the word of it comes later. */
  #foldTyping(room: RoomId, events: readonly Event[]): void {
    const now = store.typing.peek().get(room);
    if (!now?.length) return;
    const left = now.filter((u) => !events.some((e) => e.kind === 'posted' && e.author === u));
    if (left.length !== now.length) store.typing.value = withEntry(store.typing.peek(), room, left);
  }

  /** Who says something has read up to it; no frame tells that apart. */
  #foldReceipts(room: RoomId, events: readonly Event[]): void {
    if (!store.receipts.peek().has(room)) return;
    const read: Record<UserId, Seq> = {};
    for (const e of events) if (e.kind === 'posted' && isLine(e)) read[e.author] = e.seq;
    if (Object.keys(read).length) this.#putReceipts(room, read);
  }

  #putRoom(state: RoomState): void {
    if (store.rooms.peek().get(state.id) === state) return;
    store.rooms.value = withEntry(store.rooms.peek(), state.id, state);
    this.#touch();
  }

  #putThreads(list: readonly Thread[]): void {
    const next = new Map(store.threads.peek());
    for (const it of list) next.set(store.threadKey(it.room, it.thread), it);
    store.threads.value = next;
  }

  #putReceipts(room: RoomId, read: Record<UserId, Seq>): void {
    const next = new Map(store.receipts.peek().get(room));
    for (const [user, seq] of Object.entries(read)) next.set(user, Math.max(seq, next.get(user) ?? 0));
    this.want(next.keys());
    store.receipts.value = withEntry(store.receipts.peek(), room, next);
  }

  #putGot(room: RoomId, got: Record<UserId, Seq>): void {
    const next = new Map(store.got.peek().get(room));
    for (const [user, seq] of Object.entries(got)) next.set(user, Math.max(seq, next.get(user) ?? 0));
    store.got.value = withEntry(store.got.peek(), room, next);
  }

  /** Tells that this device has what was said, once for many. */
  #sayGot(): void {
    this.#gotTimer ??= setTimeout(() => {
      this.#gotTimer = undefined;
      for (const room of this.#unsaidGot) {
        const head = logOf(room).peek()?.head;
        if (head === undefined || this.#say({ type: 'got', room, seq: head })) this.#unsaidGot.delete(room);
      }
    }, GOT_AFTER);
  }

  #forget(room: RoomId): void {
    store.rooms.value = withEntry(store.rooms.peek(), room, undefined);
    store.members.value = withEntry(store.members.peek(), room, undefined);
    store.receipts.value = withEntry(store.receipts.peek(), room, undefined);
    logOf(room).value = undefined;
    this.#fresh.delete(room);
    this.#dirty.delete(room);
    void this.db.removeLog(room);
    this.#touch();
  }

  // --- commands -------------------------------------------------------------------------------------------------

  #say(command: Command): boolean {
    return this.#link.send(JSON.stringify({ ...command, ref: ++this.#ref }));
  }

  #ask(command: Command): Promise<Said> {
    const ref = ++this.#ref;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answered(ref, { answer: 'lost' }), ANSWER_LIMIT);
      this.#asked.set(ref, (said) => {
        clearTimeout(timer);
        resolve(said);
      });
      if (!this.#link.send(JSON.stringify({ ...command, ref }))) this.#answered(ref, { answer: 'lost' });
    });
  }

  #answered(ref: number, said: Said): void {
    const resolve = this.#asked.get(ref);
    this.#asked.delete(ref);
    resolve?.(said);
  }

  #lostAll(): void {
    for (const ref of [...this.#asked.keys()]) this.#answered(ref, { answer: 'lost' });
  }

  async #sendItem(item: Item): Promise<Answer> {
    const { room, key } = item;
    const said = await this.#ask(
      item.do === 'post' ? { type: 'post', room, key, text: item.text, ...where(item) }
      : item.do === 'edit' ? { type: 'edit', room, seq: item.seq, key, text: item.text }
      : { type: 'delete', room, seq: (item as Item & { do: 'delete' }).seq, key },
    );
    return said.answer === 'ok' ? { answer: 'ok', seq: said.seq ?? 0 } : said;
  }

  // --- onto the device ------------------------------------------------------------------------------------------

  #touch(room?: RoomId): void {
    if (room !== undefined) this.#dirty.add(room);
    this.#saveTimer ??= setTimeout(() => void this.save(), SAVE_AFTER);
  }

  async save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    for (const room of [...this.#draftTimers.keys()]) void this.#saveDraft(room);
    const dirty = [...this.#dirty].flatMap((r) => (runAt(logOf(r).peek() ?? emptyLog(r, 0), logOf(r).peek()?.head ?? 0) ? logOf(r).peek()! : []));
    this.#dirty.clear();
    const [me, server] = [store.me.peek(), store.server.peek()];
    if (dirty.length) await this.db.saveLogs(dirty, Date.now());
    if (me && server && this.#logId !== undefined) {
      const meta: Meta = {
        logId: this.#logId, me, server,
        rooms: [...store.rooms.peek().values()].filter((r) => r.role),
        users: [...store.users.peek().values()].slice(-500),
      };
      await this.db.saveMeta(meta);
    }
  }
}

const where = ({ reply, thread, also_in_room, files }: Where): Where => ({
  ...(reply === undefined ? {} : { reply }), ...(thread === undefined ? {} : { thread }), ...(also_in_room ? { also_in_room } : {}), ...(files ? { files } : {}),
});

/** The message that an event of a batch is about, as it was before that event, as far as it is known. */
function heldBefore(log: RoomLog, events: readonly Event[], i: number): Message | undefined {
  const event = events[i]!;
  if (event.kind !== 'edited' && event.kind !== 'deleted') return undefined;
  const earlier = events.slice(0, i);
  const held = find(log, event.target) ?? (earlier.find((e) => e.seq === event.target) as Message | undefined);
  const edit = earlier.findLast((e) => e.kind === 'edited' && e.target === event.target);
  return held && edit?.kind === 'edited' && held.kind === 'posted' ? { ...held, refs: edit.refs ?? [] } : held;
}

async function diagnose(): Promise<RefusedReason | undefined> {
  try {
    await api.me();
  } catch (e) {
    if (e instanceof RefusedError && e.code === 'not_signed_in') return 'signed_out';
  }
  return undefined;
}

const parsed = <T>(kept: string | undefined): T | undefined => {
  try {
    return kept ? (JSON.parse(kept) as T) : undefined;
  } catch {
    return undefined;
  }
};

const UNSAVED = 'chatter.unsaved.';
/** What the server knows of drafts, so that a fresh page can tell who changed one. */
const SYNCED = 'chatter.synced.';
const LAST = 'chatter.last';
const ACCOUNT = 'chatter.account';

export const remembered = (key: string): string | undefined => {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
};

export const remember = (key: string, value: string | undefined): void => {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A private window without storage: works, without the memory.
  }
};

export const lastRoom = {
  get: (): RoomId | undefined => remembered(LAST),
  set: (room: RoomId | undefined): void => remember(LAST, room),
};

export const lastAccount = {
  get: (): UserId | undefined => remembered(ACCOUNT),
  set: (user: UserId | undefined): void => remember(ACCOUNT, user),
};

export async function openClient(account: UserId): Promise<Client> {
  return new Client(account, await Db.open(account));
}
