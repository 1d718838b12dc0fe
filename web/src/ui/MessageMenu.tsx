import { useEffect, useRef } from 'preact/hooks';
import { actionsOf, react, SHEET } from './actions';
import { Icon } from './Icon';
import { besides, narrow } from './state';
import { acting } from './timelineState';

/** Everything one can do with a message. One for the page; on a phone a sheet from below. */
export function MessageMenu() {
  const now = acting.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!now || !el) return;
    el.showPopover();
    if (!narrow.peek()) besides(el, now.from);
    el.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }, [now]);
  if (!now) return null;
  const items = actionsOf(now.room, now.seq, now.inThread);
  const may = items.some((it) => it.act === 'react');
  const close = () => {
    box.current?.hidePopover();
    now.from.closest<HTMLElement>('.m')?.focus({ preventScroll: true });
  };
  const key = (e: KeyboardEvent) => {
    const all = [...box.current!.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (to !== undefined) all.at(to % all.length)?.focus();
    else if (e.key === 'Tab') close();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div class="menu over" ref={box} popover="auto" role="menu" aria-label="Message actions" tabIndex={-1} onKeyDown={key} onToggle={(e) => { if (e.newState === 'closed' && acting.peek() === now) acting.value = undefined; }}>
      {may && (
        <div class="quick" role="none">
          {SHEET.map((it) => <button key={it} type="button" role="menuitem" tabIndex={-1} aria-label={`React with ${it}`} onClick={() => { close(); react(now.room, now.seq, it); }}>{it}</button>)}
        </div>
      )}
      {items.map((it) => (
        <button key={it.act} type="button" role="menuitem" tabIndex={-1} data-act={it.act} class={it.bad ? 'bad' : ''} onClick={() => { close(); it.run(now.from); }}>
          <Icon name={it.icon} /><span>{it.text}</span>{it.key && <span class="kbd" aria-hidden="true">{it.key === 'Delete' ? 'Del' : it.key.toUpperCase()}</span>}
        </button>
      ))}
    </div>
  );
}
