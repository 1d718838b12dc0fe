import { useSignal } from '@preact/signals';
import type { User } from '../../protocol';
import { api } from '../../core/api';
import { folded } from '../../core/match';
import { Choice } from '../Choice';
import { Icon } from '../Icon';
import { count } from '../words';
import { PeopleTable } from './PeopleTable';
import { pages, useLoaded } from './useLoaded';

const PAGE = 200;
const MOST = 5_000;
/** Drawn at a time. */
const SHOWN = 100;
const KINDS = [['all', 'Everyone'], ['leads', 'Admins'], ['guests', 'Guests'], ['bots', 'Bots'], ['closed', 'Closed']] as const;
type Kind = (typeof KINDS)[number][0];

const fits: Record<Kind, (u: User) => boolean> = {
  all: () => true, leads: (u) => u.role === 'owner' || u.role === 'admin', guests: (u) => u.role === 'guest', bots: (u) => u.bot === true, closed: (u) => u.deactivated,
};

export function People() {
  const people = useLoaded(() => pages(api.everyone, PAGE, MOST));
  const query = useSignal('');
  const kind = useSignal<Kind>('all');
  const shown = useSignal(SHOWN);
  const q = folded(query.value.trim().replace(/^@/, ''));
  const found = (people.value.value ?? [])
    .filter((u) => fits[kind.value](u) && (!q || folded(u.name).includes(q) || (u.handle?.includes(q) ?? false)))
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      <div class="bar">
        <div class="inp"><Icon name="search" size="s" /><input value={query.value} aria-label="Find people" placeholder="Name or handle" onInput={(e) => { query.value = e.currentTarget.value; }} /></div>
        <Choice legend="Show" name="kind" options={KINDS} value={kind.value} choose={(v) => { kind.value = v; }} />
      </div>
      {people.wrong.value && <p class="errbox" role="alert">{people.wrong.value}</p>}
      <p class="meta" role="status">{people.value.value ? count(found.length, 'person', 'people') : ''}</p>
      <PeopleTable people={found.slice(0, shown.value)} changed={() => void people.again()} />
      {found.length > shown.value && <button type="button" class="btn o" onClick={() => { shown.value += SHOWN; }}>Show more</button>}
    </>
  );
}
