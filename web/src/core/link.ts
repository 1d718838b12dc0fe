import { backoff } from './backoff';

/** Of a live connection: silence after which we ask, and how long the answer may take. */
export const PING_AFTER = 25_000;
export const PING_LIMIT = 10_000;
/** On waking up the person is waiting, so a dead connection must show sooner. */
export const WAKE_LIMIT = 3_000;
export const HELLO_LIMIT = 10_000;
/** Healthy for this long: the next loss starts counting from zero. */
export const HEALTHY_AFTER = 30_000;
/** A restarting server meets its clients spread over this time. */
export const RESTART_SPREAD = 5_000;

export type RefusedReason = 'signed_out' | 'too_old';

export type LinkState =
  | { state: 'idle' }
  | { state: 'connecting'; since: number; attempt: number }
  | { state: 'live'; since: number }
  | { state: 'waiting'; since: number; attempt: number; retryAt: number }
  | { state: 'offline'; since: number }
  | { state: 'refused'; reason: RefusedReason };

/** The part of a WebSocket that a link uses. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: ((e: Event) => void) | null;
  onmessage: ((e: MessageEvent) => void) | null;
  onclose: ((e: CloseEvent) => void) | null;
}

export interface LinkPorts {
  open(): Socket;
  /** The first thing to say on a new socket. */
  hello(): string;
  /** One frame; true when it is the welcome. */
  frame(data: unknown): boolean;
  ping(): void;
  changed(state: LinkState): void;
  online(): boolean;
  /** Why a socket would not open: browsers do not tell. */
  diagnose(): Promise<RefusedReason | undefined>;
  now?(): number;
  random?(): number;
}

/** Keeps one socket open: when to connect, when to give up on it, when to come back. */
export class Link {
  state: LinkState = { state: 'idle' };
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #downSince: number;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(private readonly ports: LinkPorts) {
    this.#now = ports.now ?? Date.now;
    this.#random = ports.random ?? Math.random;
    this.#downSince = this.#now();
  }

  start(): void {
    if (this.state.state === 'idle') this.#connect();
  }

  /** Ends it for good, or until `start`. */
  stop(): void {
    this.#drop();
    this.#set({ state: 'idle' });
  }

  refuse(reason: RefusedReason): void {
    this.#drop();
    this.#set({ state: 'refused', reason });
  }

  /** "Try now". */
  tryNow(): void {
    if (this.state.state === 'waiting' || this.state.state === 'offline') this.#connect();
  }

  /** The page was shown, the network came back, or the page was restored: check at once. */
  wake(): void {
    switch (this.state.state) {
      case 'live':
        this.#ask(WAKE_LIMIT);
        break;
      case 'waiting':
      case 'offline':
        this.#connect();
        break;
    }
  }

  /** The device says that it has no network. Believed for waiting, not for closing: the ping decides that. */
  wentOffline(): void {
    if (this.state.state === 'waiting' || this.state.state === 'connecting') {
      this.#drop();
      this.#set({ state: 'offline', since: this.#downSince });
    } else if (this.state.state === 'live') {
      this.#ask(WAKE_LIMIT);
    }
  }

  send(text: string): boolean {
    if (this.state.state !== 'live') return false;
    this.#socket!.send(text);
    return true;
  }

  #set(state: LinkState): void {
    this.state = state;
    this.ports.changed(state);
  }

  #connect(): void {
    this.#drop();
    this.#set({ state: 'connecting', since: this.#downSince, attempt: this.#attempt });
    let socket: Socket;
    try {
      socket = this.ports.open();
    } catch {
      this.#lost(0, false);
      return;
    }
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      socket.send(this.ports.hello());
    };
    socket.onmessage = (e) => this.#heard(e.data);
    socket.onclose = (e) => this.#lost(e.code, opened);
    this.#timer = setTimeout(() => this.#lost(0, opened), HELLO_LIMIT);
  }

  #heard(data: unknown): void {
    const live = this.state.state === 'live';
    if (live) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(PING_LIMIT), PING_AFTER);
    }
    if (!this.ports.frame(data) || live) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(PING_LIMIT), PING_AFTER);
    this.#watch = setTimeout(() => {
      this.#attempt = 0;
    }, HEALTHY_AFTER);
    this.#set({ state: 'live', since: this.#now() });
  }

  #ask(limit: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(0, true), limit);
    this.ports.ping();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lost(code: number, opened: boolean): void {
    if (this.state.state === 'live') this.#downSince = this.#now();
    this.#drop();
    if (code === 4001) return this.#set({ state: 'refused', reason: 'signed_out' });
    if (code === 4006) return this.#set({ state: 'refused', reason: 'too_old' });
    const spread = code === 1012 ? this.#random() * RESTART_SPREAD : 0;
    this.#wait(backoff(this.#attempt++, this.#random) + spread);
    if (!opened && this.state.state === 'waiting') {
      const waiting = this.state;
      void this.ports.diagnose().then((reason) => {
        if (reason && this.state === waiting) this.refuse(reason);
      });
    }
  }

  #wait(ms: number): void {
    if (!this.ports.online()) return this.#set({ state: 'offline', since: this.#downSince });
    this.#timer = setTimeout(() => this.#connect(), ms);
    this.#set({ state: 'waiting', since: this.#downSince, attempt: this.#attempt, retryAt: this.#now() + ms });
  }
}
