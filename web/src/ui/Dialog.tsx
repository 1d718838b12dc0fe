import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './Icon';

/** A native dialog: the browser keeps the focus inside and gives it back. */
export function Dialog({ title, close, children }: { title: string; close(): void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current!.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too
    <dialog class="dlg" ref={ref} aria-labelledby={id} onClose={close} onClick={(e) => { if (e.target === e.currentTarget) ref.current!.close(); }}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="ib" aria-label="Close" onClick={() => ref.current!.close()}><Icon name="close" /></button>
      </header>
      <div class="in">{children}</div>
    </dialog>
  );
}
