import type { User } from '../../protocol';
import { api } from '../../core/api';
import { rooms, server } from '../../core/store';
import { Icon } from '../Icon';
import { dialog } from '../state';
import { PeopleTable } from './PeopleTable';
import { pages, useLoaded } from './useLoaded';

const WEEK = 7 * 86_400_000;
const PAGE = 200;
const MOST = 5_000;
const NEWEST = 5;

export function Overview() {
  const people = useLoaded(() => pages(api.everyone, PAGE, MOST));
  const open = useLoaded(() => pages((after) => api.openRooms(after), 100, 1_000));
  const invites = useLoaded(api.invites);
  const all = people.value.value ?? [];
  const active = all.filter((u) => !u.deactivated && u.role !== 'guest' && !u.bot);
  const fresh = active.filter((u) => u.created_at > Date.now() - WEEK).length;
  const tiles: [string, string, string?][] = [
    ['People', people.value.value ? String(active.length) : '…', fresh > 0 ? `+${fresh} this week` : ''],
    ['Guests', people.value.value ? String(all.filter((u) => u.role === 'guest').length) : '…'],
    ['Open rooms', open.value.value ? String(open.value.value.length) : '…'],
    ['Invites that still work', invites.value.value ? String(invites.value.value.length) : '…'],
  ];
  const newest: User[] = [...all].sort((a, b) => b.created_at - a.created_at).slice(0, NEWEST);
  return (
    <>
      <div class="over-top">
        <p class="lead">{server.value?.name}, version {server.value?.version}. You are in {rooms.value.size} rooms.</p>
        <button type="button" class="btn o sm" onClick={() => { dialog.value = { show: 'invite' }; }}><Icon name="mail" size="s" />Invite people</button>
      </div>
      {(people.wrong.value || open.wrong.value) && <p class="errbox" role="alert">{people.wrong.value || open.wrong.value}</p>}
      <dl class="tiles">{tiles.map(([name, value, more]) => <div class="tile" key={name}><dt>{name}</dt><dd>{value}{more && <em>{more}</em>}</dd></div>)}</dl>
      <h2>Recently joined</h2>
      <PeopleTable people={newest} changed={() => void people.again()} />
    </>
  );
}
