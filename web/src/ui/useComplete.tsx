import { useSignal } from '@preact/signals';
import type { RefObject, VNode } from 'preact';
import { useId } from 'preact/hooks';
import type { RoomState } from '../protocol';
import { Avatar } from './Avatar';
import { begun, offers } from './complete';
import { isEnter } from './keys';

interface Complete {
  list: VNode | null;
  /** For the text field, which keeps the focus. */
  aria: { 'aria-autocomplete': 'list'; 'aria-controls': string | undefined; 'aria-activedescendant': string | undefined };
  /** The text or the caret has changed. */
  look(): void;
  close(): void;
  /** True when the key was for the list. */
  key(e: KeyboardEvent): boolean;
}

/** Offers people and rooms while one of them is being written. */
export function useComplete(box: RefObject<HTMLTextAreaElement | null>, room: RoomState, set: (text: string) => void): Complete {
  const word = useSignal<string | undefined>(undefined);
  const at = useSignal(0);
  const id = useId();
  const list = word.value === undefined ? [] : offers(word.value, room);
  const close = () => { word.value = undefined; };
  const look = () => {
    const el = box.current!;
    const next = el.selectionStart === el.selectionEnd ? begun(el.value.slice(0, el.selectionStart)) : undefined;
    if (next !== word.peek()) at.value = 0;
    word.value = next;
  };
  const choose = (i: number) => {
    const el = box.current!;
    const from = el.selectionStart - (word.peek()?.length ?? 0);
    const put = list[i]!.word + ' ';
    el.setRangeText(put, from, el.selectionStart, 'end');
    set(el.value);
    close();
    el.focus();
  };
  const key = (e: KeyboardEvent): boolean => {
    if (list.length === 0 || e.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step !== undefined) at.value = (at.value + step + list.length) % list.length;
    else if ((isEnter(e) && !e.ctrlKey) || e.key === 'Tab') choose(Math.min(at.value, list.length - 1));
    else if (e.key === 'Escape') close();
    else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  const option = (i: number) => `${id}-${i}`;
  const shown = Math.min(at.value, list.length - 1);
  return {
    look, close, key,
    aria: { 'aria-autocomplete': 'list', 'aria-controls': list.length ? id : undefined, 'aria-activedescendant': list.length ? option(shown) : undefined },
    list: list.length === 0 ? null : (
      <div class="offers" role="listbox" id={id} aria-label={word.value?.[0] === '#' ? 'Rooms' : 'People'}>
        {list.map((it, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus
          <div key={it.word} id={option(i)} role="option" aria-selected={i === shown} onMouseDown={(e) => e.preventDefault()} onClick={() => choose(i)}>
            {it.user && <Avatar user={it.user} size={22} />}<b>{it.name}</b><small>{it.note}</small>
          </div>
        ))}
      </div>
    ),
  };
}
