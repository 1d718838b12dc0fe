import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { User, UserId } from '../protocol';
import { api, sentence } from '../core/api';
import { Avatar } from './Avatar';
import { Field } from './Field';
import { client } from './state';

const SHOWN = 50;
/** Pages of people to look through; the search is on this device for now. */
const PAGES = 5;

const folded = (s: string) => s.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Everyone who could be picked, found by the beginning of any word of the name or by handle. */
export function PeoplePicker({ picked, toggle, not }: { picked: readonly UserId[]; toggle(user: UserId): void; not: ReadonlySet<UserId> }) {
  const query = useSignal('');
  const all = useSignal<readonly User[]>([]);
  const error = useSignal('');
  useEffect(() => {
    const load = async () => {
      let after: UserId | undefined;
      for (let i = 0; i < PAGES; i++) {
        const page = await api.everyone(after);
        client().putUsers(page);
        all.value = [...all.peek(), ...page];
        if (page.length < 200) return;
        after = page.at(-1)!.id;
      }
    };
    load().catch((e: unknown) => { error.value = sentence(e); });
  }, []);
  const q = folded(query.value.trim().replace(/^@/, ''));
  const found = all.value
    .filter((u) => !not.has(u.id) && !u.deactivated && u.role !== 'guest')
    .filter((u) => !q || folded(u.name).split(/\s+/).some((w) => w.startsWith(q)) || folded(u.name).startsWith(q) || (u.handle?.startsWith(q) ?? false))
    .sort((a, b) => a.name.localeCompare(b.name))
    .slice(0, SHOWN);
  return (
    <>
      <Field label="Find people" value={query.value} change={(v) => { query.value = v; }} input={{ autoFocus: true, autoComplete: 'off', placeholder: 'Name or handle' }} />
      {error.value && <p class="errbox" role="alert">{error.value}</p>}
      <ul class="rows">
        {found.map((u) => (
          <li key={u.id} style={{ padding: 0 }}>
            <button type="button" class="pick" aria-pressed={picked.includes(u.id)} onClick={() => toggle(u.id)}>
              <Avatar user={u.id} size={32} />
              <span class="n"><b>{u.name}</b><small>@{u.handle}</small></span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && !error.value && <p class="meta">{q ? 'Nobody matches.' : 'Nobody else is here yet. Invite people first.'}</p>}
    </>
  );
}
