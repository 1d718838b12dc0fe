/**
 * Keeps the reader's place in a `column-reverse` scroller (scrollTop is 0 at the newest message and negative above it).
 * History added above never moves what is on screen, so paging up needs no scroll writes at all. Anything that changes
 * height below the reader (new messages, edits) is compensated before paint.
 */
export class ScrollKeeper {
  stick = true;
  /** Scroll positions written; paging up must not add to it. */
  writes = 0;
  #anchor: { el: Element; top: number } | undefined;
  #at = 0;
  readonly #observer: ResizeObserver;

  constructor(
    private readonly scroller: HTMLElement,
    private readonly list: HTMLElement,
    /** Whether the window reaches the newest message. */
    private readonly live: () => boolean,
  ) {
    this.#observer = new ResizeObserver(() => this.#restore(this.scroller.scrollTop - this.#at));
    this.#observer.observe(list);
    this.#observer.observe(scroller);
  }

  dispose(): void {
    this.#observer.disconnect();
  }

  get fromBottom(): number {
    return -this.scroller.scrollTop;
  }

  get fromTop(): number {
    return this.scroller.scrollHeight - this.scroller.clientHeight + this.scroller.scrollTop;
  }

  /** Remember where the reader is. Call on every scroll event. */
  capture(): void {
    this.#at = this.scroller.scrollTop;
    this.stick = this.live() && this.fromBottom <= 4;
    if (this.stick) {
      this.#anchor = undefined;
      return;
    }
    const box = this.scroller.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    const rows = this.list.children;
    let lo = 0;
    let hi = rows.length - 1;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (rows[mid]!.getBoundingClientRect().bottom < middle) lo = mid + 1;
      else hi = mid;
    }
    const el = rows[lo];
    this.#anchor = el && { el, top: el.getBoundingClientRect().top - box.top };
  }

  /** Change the list without moving what the reader sees. */
  mutate(change: () => void): void {
    if (this.scroller.scrollTop !== this.#at) this.capture();
    change();
    this.#restore(0);
  }

  /** `scrolled` is how far the reader has scrolled since the last capture; that movement is theirs to keep. */
  #restore(scrolled: number): void {
    if (this.stick && !scrolled) {
      if (this.scroller.scrollTop !== 0) {
        this.scroller.scrollTop = 0;
        this.writes++;
      }
      this.#at = 0;
      return;
    }
    const a = this.#anchor;
    if (!a?.el.isConnected) {
      this.capture();
      return;
    }
    const moved = a.el.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - (a.top - scrolled);
    if (Math.abs(moved) >= 1) {
      this.scroller.scrollTop += moved;
      this.writes++;
    }
    this.#at = this.scroller.scrollTop;
    a.top -= scrolled;
  }
}
