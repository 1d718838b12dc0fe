import { useEffect, useRef } from 'preact/hooks';
import type { Reaction, RoomId, Seq } from '../protocol';
import { api, sentence } from '../core/api';
import { emojiOf } from '../core/emoji';
import { find } from '../core/log';
import { logOf, rooms } from '../core/store';
import { Icon } from './Icon';
import { showToast } from './state';
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
  void api.react(room, seq, emoji, on).catch((e: unknown) => showToast({ text: sentence(e) }));

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

const GAP = 6;

/** One for the whole page, over everything: the browser closes it on Escape and on a click elsewhere. */
export function ReactionPicker() {
  const now = reacting.value;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const el = box.current;
    if (!now || !el) return;
    el.showPopover();
    const button = now.from.getBoundingClientRect();
    const own = el.getBoundingClientRect();
    const above = button.bottom + GAP + own.height > innerHeight;
    el.style.top = `${Math.max(GAP, above ? button.top - GAP - own.height : button.bottom + GAP)}px`;
    el.style.left = `${Math.max(GAP, Math.min(button.right - own.width, innerWidth - own.width - GAP))}px`;
    el.querySelector('button')?.focus();
  }, [now]);
  if (!now) return null;
  const choose = (emoji: string) => {
    const message = find(logOf(now.room).peek()!, now.seq);
    put(now.room, now.seq, emoji, !message?.reactions?.some((it) => it.emoji === emoji && it.mine));
    box.current?.hidePopover();
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
    <div class="emo" ref={box} popover="auto" role="dialog" aria-label="Choose a reaction" onKeyDown={key} onToggle={(e) => { if (e.newState === 'closed' && reacting.peek() === now) reacting.value = undefined; }}>
      {CHOICE.map(([emoji, name]) => <button key={emoji} type="button" aria-label={name} title={name} onClick={() => choose(emoji)}>{emoji}</button>)}
    </div>
  );
}
