import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon, type IconName } from './Icon';

export interface MenuItem {
  icon: IconName;
  text: string;
  bad?: boolean;
  run(): void;
}

/** A button with a menu: arrows move, Escape closes and gives the focus back. */
export function Menu({ label, items, icon = 'more', small = false }: { label: string; items: MenuItem[]; icon?: IconName; small?: boolean }) {
  const open = useSignal(false);
  const id = useId();
  const wrap = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const all = () => [...wrap.current!.querySelectorAll<HTMLElement>('[role=menuitem]')];
  useEffect(() => {
    if (!open.value) return;
    all()[0]?.focus();
    const outside = (e: PointerEvent) => {
      if (!wrap.current?.contains(e.target as Node)) open.value = false;
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open.value]);
  const close = () => {
    open.value = false;
    button.current?.focus();
  };
  const key = (e: KeyboardEvent) => {
    const list = all();
    const at = list.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[e.key];
    if (to !== undefined) list.at(to % list.length)?.focus();
    else if (e.key === 'Escape') close();
    else if (e.key === 'Tab') open.value = false;
    else return;
    if (e.key !== 'Tab') e.preventDefault();
    e.stopPropagation();
  };
  return (
    <div class="menuw" ref={wrap}>
      <button type="button" class="ib" ref={button} aria-label={label} aria-haspopup="menu" aria-expanded={open.value} aria-controls={open.value ? id : undefined} onClick={() => { open.value = !open.value; }}><Icon name={icon} {...(small ? { size: 's' as const } : {})} /></button>
      {open.value && (
        <div class="menu" role="menu" id={id} aria-label={label} tabIndex={-1} onKeyDown={key}>
          {items.map((i) => (
            <button key={i.text} type="button" role="menuitem" tabIndex={-1} class={i.bad ? 'bad' : ''} onClick={() => { close(); i.run(); }}><Icon name={i.icon} />{i.text}</button>
          ))}
        </div>
      )}
    </div>
  );
}
