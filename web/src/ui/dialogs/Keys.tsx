import { useSignal } from '@preact/signals';
import { Dialog } from '../Dialog';
import { Field } from '../Field';
import { isApple } from '../state';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Ctrl K', 'Jump, search, act'], ['Ctrl F', 'Search in this room'], ['Ctrl Shift F', 'Search everywhere'],
  ['Alt ↑', 'Previous room'], ['Alt ↓', 'Next room'], ['Alt Shift ↑', 'Previous unread room'], ['Alt Shift ↓', 'Next unread room'],
  ['F6', 'Next part of the page'], ['Shift F6', 'Part of the page before'], ['Esc', 'Close; then mark the room as read and go to the newest'],
  ['Ctrl /', 'These keys'], ['Ctrl Shift L', 'Light or dark'], ['Ctrl .', 'Side panel'], ['Ctrl ,', 'Settings'],
  ['↑', 'Edit your last message, in an empty field'],
  ['↑ ↓', 'Previous, next message, on a message'], ['End', 'Newest message'], ['Enter', 'Its actions'], ['R', 'Reply'], ['T', 'Reply in thread'],
  ['+', 'Add a reaction'], ['E', 'Edit'], ['Del', 'Delete'], ['C', 'Copy text'], ['L', 'Copy link'], ['P', 'Pin'],
];

export function Keys({ close }: { close(): void }) {
  const query = useSignal('');
  const q = query.value.trim().toLowerCase();
  const found = KEYS.filter(([keys, what]) => !q || what.toLowerCase().includes(q) || keys.toLowerCase().includes(q));
  return (
    <Dialog title="Keys" close={close}>
      <Field label="Find a key" value={query.value} change={(v) => { query.value = v; }} input={{ autoFocus: true, autoComplete: 'off' }} />
      <dl class="keys">
        {found.map(([keys, what]) => <div key={keys + what}><dt>{what}</dt><dd>{keys.split(' ').map((it) => <kbd key={it}>{it === 'Ctrl' && isApple ? '⌘' : it === 'Alt' && isApple ? '⌥' : it}</kbd>)}</dd></div>)}
      </dl>
      {found.length === 0 && <p class="meta">Nothing matches.</p>}
    </Dialog>
  );
}
