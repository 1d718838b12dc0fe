import { useSignal } from '@preact/signals';
import type { Room } from '../../protocol';
import { api } from '../../core/api';
import { rooms as mine } from '../../core/store';
import { Icon } from '../Icon';
import { Menu, type MenuItem } from '../Menu';
import { ask } from '../menus';
import { iconOf } from '../Sidebar';
import { showToast } from '../state';
import { moment } from '../words';
import { pages, useLoaded } from './useLoaded';

/** Open rooms, and the closed ones one belongs to: of others not even an admin learns. */
export function Rooms() {
  const open = useLoaded(() => pages((after) => api.openRooms(after), 100, 2_000));
  const query = useSignal('');
  const known = new Map<string, Room>((open.value.value ?? []).map((r) => [r.id, r]));
  for (const r of mine.value.values()) if (r.kind === 'closed') known.set(r.id, r);
  const q = query.value.trim().toLowerCase();
  const list = [...known.values()].filter((r) => !q || r.name.toLowerCase().includes(q)).sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <p class="lead">Open rooms, and closed ones that you belong to.</p>
      <div class="bar"><div class="inp"><Icon name="search" size="s" /><input value={query.value} aria-label="Find a room" placeholder="Find a room" onInput={(e) => { query.value = e.currentTarget.value; }} /></div></div>
      {open.wrong.value && <p class="errbox" role="alert">{open.wrong.value}</p>}
      <div class="wide" tabIndex={0} role="region" aria-label="List of rooms">
        <table class="t">
          <thead><tr><th>Room</th><th>People</th><th>Last active</th><th>Newcomers</th><th>Status</th><th><span class="sr">Actions</span></th></tr></thead>
          <tbody>
            {list.map((r) => (
              <tr key={r.id}>
                <td><a class="p" href={`/r/${r.id}`}><Icon name={iconOf(r)} />{r.name}</a></td>
                <td class="num">{r.member_count}</td><td>{moment(r.active_at)}</td><td>{r.newcomers ? 'Brought here' : '–'}</td>
                <td><span class={r.archived ? 'pill' : 'pill ok'}>{r.archived ? 'Archived' : 'In use'}</span></td>
                <td class="end"><Menu label={`Actions for ${r.name}`} items={menuOf(r, () => void open.again())} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function menuOf(r: Room, changed: () => void): MenuItem[] {
  const deed = (doing: Promise<unknown>, said: string) => ask(doing.then(() => { showToast({ text: said }); changed(); }));
  const items: MenuItem[] = [{ icon: 'archive', text: r.archived ? 'Reopen' : 'Archive', run: () => deed(api.putArchived(r.id, !r.archived), r.archived ? `${r.name} is open again.` : `${r.name} is archived.`) }];
  if (r.kind === 'open') {
    items.push({ icon: 'invite', text: r.newcomers ? 'Do not bring newcomers' : 'Bring newcomers here', run: () => deed(api.putNewcomers(r.id, !r.newcomers), 'Saved.') });
    items.push({ icon: 'shield', text: 'Take over, if nobody owns it', run: () => deed(api.takeOver(r.id), `You own ${r.name} now.`) });
  }
  return items;
}
