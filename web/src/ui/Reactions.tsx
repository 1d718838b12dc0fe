import { useEffect, useRef } from 'preact/hooks';
import type { Reaction, RoomId, Seq } from '../protocol';
import { api } from '../core/api';
import { emojiOf } from '../core/emoji';
import { rooms } from '../core/store';
import { react } from './actions';
import { Icon } from './Icon';
import { ask } from './menus';
import { besides } from './state';
import { reacting } from './timelineState';

/** Emoji to choose from, with their names. */
const CHOICE: readonly (readonly [emoji: string, name: string])[] = [
  ['👍', 'Thumbs up'], ['❤️', 'Heart'], ['😂', 'Tears of joy'], ['🎉', 'Party'], ['🙏', 'Thank you'], ['👀', 'Looking'],
  ['✅', 'Done'], ['🚀', 'Rocket'], ['🔥', 'Fire'], ['💯', 'Hundred'], ['👏', 'Clapping'], ['🙌', 'Raised hands'],
  ['😄', 'Smile'], ['😅', 'Relieved'], ['🤔', 'Thinking'], ['😮', 'Surprised'], ['😢', 'Sad'], ['😡', 'Angry'],
  ['👎', 'Thumbs down'], ['❌', 'No'], ['➕', 'Plus one'], ['💡', 'Idea'], ['☕', 'Coffee'], ['👋', 'Waving'],
];
const SHOWN = 20;

const put = (room: RoomId, seq: Seq, emoji: string, on: boolean) =>
  ask(api.react(room, seq, emoji, on));

/** What people put under a message, in the order of its first use. */
export function Reactions({ reactions, room, seq }: { reactions: readonly Reaction[]; room: RoomId; seq: Seq }) {
  const state = rooms.value.get(room);
  const may = state?.role !== undefined && !state.archived;
  return (
    <div class="rx" role="group" aria-label="Reactions">
      {reactions.slice(0, SHOWN).map((it) => (
        <button key={it.emoji} type="button" aria-pressed={it.mine} aria-disabled={!may} aria-label={`${it.emoji} ${it.count}`} onClick={() => may && put(room, seq, it.emoji, !it.mine)}>
          <Sign emoji={it.emoji} />{it.count}
        </button>
      ))}
      {may && <button type="button" class="add" aria-label="Add a reaction" aria-haspopup="dialog" onClick={(e) => { reacting.value = { room, seq, from: e.currentTarget }; }}><Icon name="smile" size="s" /></button>}
    </div>
  );
}

/** A letter of everyone's, or a picture of this server's. */
function Sign({ emoji }: { emoji: string }) {
  const src = emoji.startsWith(':') ? emojiOf(emoji) : undefined;
  return src ? <img class="e" src={src} alt="" /> : <span class="e">{emoji}</span>;
}

/** One for the whole page, over everything: the browser closes it on Escape and on a click elsewhere. */
export function ReactionPicker() {
  const now = reacting.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!now || !el) return;
    el.showPopover();
    besides(el, now.from);
    el.querySelector('button')?.focus();
  }, [now]);
  if (!now) return null;
  const choose = (emoji: string) => {
    box.current?.hidePopover();
    if ('insert' in now) return now.insert(emoji);
    react(now.room, now.seq, emoji);
    now.from.closest<HTMLElement>('.m')?.focus();
  };
  const key = (e: KeyboardEvent) => {
    const all = [...box.current!.querySelectorAll('button')];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 6, ArrowUp: -6 }[e.key];
    if (step === undefined) return;
    e.preventDefault();
    all[(at + step + all.length) % all.length]?.focus();
  };
  return (
    <div class="emo" ref={box} popover="auto" role="dialog" aria-label={'insert' in now ? 'Choose an emoji' : 'Choose a reaction'} onKeyDown={key} onToggle={(e) => { if (e.newState === 'closed' && reacting.peek() === now) reacting.value = undefined; }}>
      {CHOICE.map(([emoji, name]) => <button key={emoji} type="button" aria-label={name} title={name} onClick={() => choose(emoji)}>{emoji}</button>)}
    </div>
  );
}
