import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AuditEntry } from '../../protocol';
import { api, sentence } from '../../core/api';
import { nameOf, rooms, titleOf } from '../../core/store';
import { client } from '../state';
import { fullTime } from '../words';

const PAGE = 50;

/** What was done to other people, rooms or the server, the newest first. */
export function Audit() {
  const list = useSignal<readonly AuditEntry[]>([]);
  const more = useSignal(false);
  const wrong = useSignal('');
  const deed = useSignal('');
  const deeds = useSignal<readonly string[]>([]);
  const load = (before?: string) => api.audit({ before, deed: deed.value || undefined, limit: PAGE }).then(
    (page) => {
      list.value = [...(before ? list.peek() : []), ...page];
      more.value = page.length === PAGE;
      deeds.value = [...new Set([...deeds.peek(), ...page.map((it) => it.deed)])].sort();
      client().want(page.flatMap((it) => [it.actor, ...(it.subject_kind === 'user' ? [it.subject] : [])]));
    },
    (e: unknown) => { wrong.value = sentence(e); },
  );
  useEffect(() => void load(), [deed.value]);
  return (
    <>
      <div class="bar">
        <div class="fld"><label for="deed">Deed</label><select id="deed" class="sel" value={deed.value} onChange={(e) => { deed.value = e.currentTarget.value; }}><option value="">All</option>{deeds.value.map((it) => <option key={it} value={it}>{words(it)}</option>)}</select></div>
        <a class="btn o sm" href="/api/v1/admin/audit/export?format=csv" download>Export as CSV</a>
      </div>
      {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
      <div class="wide" tabIndex={0} role="region" aria-label="Lines of the log">
        <table class="t">
          <thead><tr><th>When</th><th>Who</th><th>What</th><th>On what</th><th>From</th></tr></thead>
          <tbody>
            {list.value.map((it) => (
              <tr key={it.id}>
                <td>{fullTime(it.at)}</td><td>{nameOf(it.actor)}</td><td>{words(it.deed)}{it.reason && <small class="meta"> “{it.reason}”</small>}</td>
                <td>{subjectOf(it)}{Object.keys(it.detail).length > 0 && <details><summary>Details</summary><dl>{Object.entries(it.detail).map(([k, v]) => <div key={k}><dt>{words(k)}</dt><dd>{v}</dd></div>)}</dl></details>}</td><td>{it.network ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more.value && <button type="button" class="btn o" onClick={() => void load(list.peek().at(-1)?.id)}>Show more</button>}
    </>
  );
}

const words = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

function subjectOf(it: AuditEntry): string {
  if (it.subject_kind === 'user') return nameOf(it.subject);
  const room = it.subject_kind === 'room' ? rooms.value.get(it.subject) : undefined;
  return room ? titleOf(room) : `${words(it.subject_kind)} ${it.subject}`;
}
