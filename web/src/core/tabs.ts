// Several tabs of one account: exactly one sends the outbox, and all hear of drafts, outbox changes and sign-out.
// Where locks or channels are missing each tab works alone; keys keep that correct.

export type TabNews =
  | { news: 'outbox' }
  | { news: 'draft'; room: string; text: string }
  | { news: 'signed_out' };

export class Tabs {
  /** Whether this tab sends. */
  leads = false;
  readonly #channel: BroadcastChannel | undefined;
  #release: (() => void) | undefined;
  #closed = false;

  constructor(account: string, heard: (news: TabNews) => void, lead: () => void) {
    const name = 'chatter-' + account;
    if (typeof BroadcastChannel !== 'undefined') {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = (e: MessageEvent<TabNews>) => heard(e.data);
    }
    const begin = () => {
      if (this.#closed) return undefined;
      this.leads = true;
      lead();
      return new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    };
    if (navigator.locks) void navigator.locks.request(name + '-outbox', begin).catch(begin);
    else void begin();
  }

  tell(news: TabNews): void {
    this.#channel?.postMessage(news);
  }

  close(): void {
    this.#closed = true;
    this.leads = false;
    this.#channel?.close();
    this.#release?.();
  }
}
