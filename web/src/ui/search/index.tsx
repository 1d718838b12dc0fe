// The search page. Its last results stay, so that coming back from one leads to where one was.

import { signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Message, SearchHit } from '../../protocol';
import { api, sentence } from '../../core/api';
import { SEARCH_CHARS } from '../../core/limits';
import { go } from '../../core/route';
import { nameOf, rooms, titleOf, users } from '../../core/store';
import { addFilter, filterBegun, filtersOf, removeFilter } from './filters';
import { Choice } from '../Choice';
import { Icon } from '../Icon';
import { lineOf } from '../Quote';
import { pathOf, Said } from '../Said';
import { Tabs } from '../Sidebar';
import { client } from '../state';
import { count } from '../words';

interface Found {
  q: string;
  best: boolean;
  hits: readonly SearchHit[];
  total: number;
  exact: boolean;
  next: string | undefined;
  /** Where the reader was. */
  scroll: number;
  focused: string | undefined;
}
const kept = signal<Found | undefined>(undefined);
const PAGE = 20;
const HAS = ['link', 'file', 'image', 'code', 'reaction', 'poll'] as const;
const IS = ['pinned', 'thread', 'edited', 'mention'] as const;

export function Search({ q, best }: { q: string; best: boolean }) {
  const text = useSignal(q);
  const wrong = useSignal('');
  const busy = useSignal(false);
  const page = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const found = kept.value?.q === q && kept.value.best === best ? kept.value : undefined;

  const load = (cursor?: string) => {
    busy.value = true;
    wrong.value = '';
    api.search(q, { order: best ? 'best' : 'newest', limit: PAGE, neighbours: true, ...(cursor ? { cursor } : {}) }).then(
      (r) => {
        busy.value = false;
        const before = cursor && kept.peek()?.q === q ? kept.peek() : undefined;
        kept.value = { q, best, hits: [...(before?.hits ?? []), ...r.hits], total: before?.total ?? r.total, exact: before?.exact ?? r.exact, next: r.next, scroll: before?.scroll ?? 0, focused: before?.focused };
        client().want(r.hits.flatMap((h) => [h.message.author, h.before?.author ?? '', h.after?.author ?? '']).filter(Boolean));
      },
      (e: unknown) => { busy.value = false; wrong.value = sentence(e); },
    );
  };
  useEffect(() => {
    text.value = q;
    if (q.trim() && !found) load();
    if (!q.trim() || q.endsWith(' ')) field.current?.focus();
  }, [q, best]);
  // Back from a result: the same place, the same one in focus.
  useLayoutEffect(() => {
    if (!found || !page.current) return;
    page.current.scrollTop = found.scroll;
    if (found.focused) page.current.querySelector<HTMLElement>(`[data-id="${found.focused}"] a`)?.focus({ preventScroll: true });
  }, [found?.q]);
  const leave = (id: string) => { if (found) kept.value = { ...found, scroll: page.current?.scrollTop ?? 0, focused: id }; };
  const ask = (next: string, how = best) => go(`/search?q=${encodeURIComponent(next)}${how ? '&order=best' : ''}`, 'replace');
  const submit = (e: Event) => {
    e.preventDefault();
    if (text.value.trim() !== q.trim()) ask(text.value.trim());
    else if (q.trim()) load();
  };
  const filters = filtersOf(q);
  return (
    <>
      <header class="hd find-hd">
        <a class="ib only-phone" href="/" aria-label="Back to rooms"><Icon name="back" size="l" /></a>
        <h1 class="sr">Search</h1>
        <form class="inp" role="search" onSubmit={submit}>
          <Icon name="search" size="s" />
          <input ref={field} type="search" aria-label="Search messages" placeholder="Words, “a phrase”, from:@someone, in:#room" autoComplete="off" enterKeyHint="search" maxLength={SEARCH_CHARS} value={text.value} onInput={(e) => { text.value = e.currentTarget.value; }} />
          <button type="submit" class="btn p sm">Search</button>
        </form>
      </header>
      <div class="page" ref={page} tabIndex={0} role="region" aria-label="Search results">
        <div class="col">
          <Suggestions text={text.value} take={(next) => { text.value = next; field.current?.focus(); }} />
          <div class="chips" role="group" aria-label="Filters">
            {filters.map((it) => <button key={it} type="button" class="chip on" aria-label={`Remove ${it}`} onClick={() => ask(removeFilter(q, it))}>{readable(it)}<Icon name="close" size="s" /></button>)}
            <FilterChoice label="From" options={people()} add={(v) => ask(addFilter(text.value, `from:${v}`))} />
            <FilterChoice label="In" options={places()} add={(v) => ask(addFilter(text.value, `in:#${v}`))} />
            <FilterChoice label="Has" options={HAS.map((it) => [it, it])} add={(v) => ask(addFilter(text.value, `has:${v}`))} />
            <FilterChoice label="Is" options={IS.map((it) => [it, it])} add={(v) => ask(addFilter(text.value, `is:${v}`))} />
            <DateChoice label="After" add={(v) => ask(addFilter(text.value, `after:${v}`))} />
            <DateChoice label="Before" add={(v) => ask(addFilter(text.value, `before:${v}`))} />
          </div>
          {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
          {found && (
            <div class="sum">
              <p role="status">{found.total === 0 ? `Nothing matches.${filters.length ? ` Remove “${readable(filters.at(-1)!)}” to see more.` : ''}` : `${found.exact ? '' : 'At least '}${count(found.total, 'message', 'messages')}`}</p>
              {found.total > 1 && <Choice legend="Order" name="order" options={[['newest', 'Newest'], ['best', 'Best match']]} value={best ? 'best' : 'newest'} choose={(v) => ask(q, v === 'best')} />}
            </div>
          )}
          {!found && !busy.value && !wrong.value && !q.trim() && <p class="lead">Finds any piece of any message you may read. Put a phrase in quotes; put - before what must not be there.</p>}
          <ol class="hits">{found?.hits.map((hit) => <Hit key={hit.message.id} hit={hit} leave={leave} />)}</ol>
          {found?.next && <button type="button" class="btn o" aria-disabled={busy.value} onClick={() => !busy.value && load(found.next)}>Show more</button>}
        </div>
      </div>
      <Tabs />
    </>
  );
}

function Hit({ hit, leave }: { hit: SearchHit; leave(id: string): void }) {
  const room = rooms.value.get(hit.message.room);
  return (
    <li data-id={hit.message.id}>
      <a href={pathOf(hit.message)} onClick={() => leave(hit.message.id)}>
        <small class="meta">{room ? titleOf(room) : 'Another room'}</small>
        {hit.before && <Neighbour of={hit.before} />}
        <Said message={hit.message} hit={hit} />
        {hit.after && <Neighbour of={hit.after} />}
      </a>
    </li>
  );
}

const Neighbour = ({ of }: { of: Message }) => (of.kind === 'posted' && lineOf(of) ? <div class="near"><b>{nameOf(of.author)}</b><span dir="auto">{lineOf(of)}</span></div> : null);

/** A filter as people read it: names in place of ids. */
function readable(filter: string): string {
  const id = /^in:#(\d+)$/.exec(filter)?.[1];
  const room = id === undefined ? undefined : rooms.value.get(id);
  return room ? `in: ${titleOf(room)}` : filter.replace(':', ': ');
}

const people = (): [string, string][] => [['me', 'Me'], ...[...users.value.values()].filter((u) => u.handle && !u.deactivated).sort((a, b) => a.name.localeCompare(b.name)).map((u): [string, string] => ['@' + u.handle, u.name])];

const places = (): [string, string][] => [...rooms.value.values()].filter((r) => r.role).map((r): [string, string] => [r.id, titleOf(r)]).sort((a, b) => a[1].localeCompare(b[1]));

function FilterChoice({ label, options, add }: { label: string; options: readonly (readonly [string, string])[]; add(value: string): void }) {
  return (
    <label class="chip pickone"><span>{label}</span>
      <select aria-label={`Filter: ${label}`} value="" onChange={(e) => { if (e.currentTarget.value) add(e.currentTarget.value); }}>
        <option value="">{label}…</option>
        {options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );
}

function DateChoice({ label, add }: { label: string; add(value: string): void }) {
  return <label class="chip pickone"><span>{label}</span><input type="date" aria-label={`Filter: ${label}`} onChange={(e) => { if (e.currentTarget.value) add(e.currentTarget.value); }} /></label>;
}

/** While a filter is being written: what it may become. */
function Suggestions({ text, take }: { text: string; take(next: string): void }) {
  const begun = filterBegun(text);
  if (!begun) return null;
  const all: readonly (readonly [string, string])[] = begun.name === 'from' ? people() : begun.name === 'in' ? places().map(([id, name]) => ['#' + id, name] as const) : (begun.name === 'has' ? HAS : IS).map((it) => [it, it] as const);
  const query = begun.value.replace(/^[@#]/, '').toLowerCase();
  const fits = all.filter(([value, name]) => value.replace(/^[@#]/, '').toLowerCase().startsWith(query) || name.toLowerCase().startsWith(query)).slice(0, 8);
  if (fits.length === 0 || fits.some(([value]) => value === begun.value)) return null;
  return <div class="chips" role="group" aria-label="Suggestions">{fits.map(([value, name]) => <button key={value} type="button" class="chip" onClick={() => take(`${text.slice(0, begun.at)}${begun.name}:${value} `)}>{name}</button>)}</div>;
}
