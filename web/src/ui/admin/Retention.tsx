import { api } from '../../core/api';
import { rooms, titleOf } from '../../core/store';
import { count, date, fullTime } from '../words';
import { useLoaded } from './useLoaded';

/** What the next run would delete, and how the jobs of the server fare. */
export function Retention() {
  const preview = useLoaded(api.retentionPreview);
  const jobs = useLoaded(api.jobs);
  const p = preview.value.value;
  return (
    <>
      {(preview.wrong.value || jobs.wrong.value) && <p class="errbox" role="alert">{preview.wrong.value || jobs.wrong.value}</p>}
      {p && <p class="lead">{p.messages === 0 ? 'The next run deletes nothing.' : `The next run would delete ${count(p.messages, 'message', 'messages')}${p.oldest_at ? `, the oldest of ${date(p.oldest_at)}` : ''}.`} How long messages are kept is set on the Server page; a room may have a rule of its own.</p>}
      {p && p.rooms.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-label="What would be deleted">
          <table class="t">
            <thead><tr><th>Room</th><th>Messages</th><th>Oldest</th></tr></thead>
            <tbody>{p.rooms.map((r) => { const room = rooms.value.get(r.room); return <tr key={r.room}><td>{room ? titleOf(room) : 'A room you do not belong to'}</td><td class="num">{r.messages}</td><td>{date(r.oldest_at)}</td></tr>; })}</tbody>
          </table>
        </div>
      )}
      <h2>Jobs</h2>
      <div class="wide" tabIndex={0} role="region" aria-label="Jobs of the server">
        <table class="t">
          <thead><tr><th>Job</th><th>Last run</th><th>What it did</th><th>Next run</th></tr></thead>
          <tbody>{jobs.value.value?.map((j) => <tr key={j.name}><td><b>{j.name.replaceAll('_', ' ')}</b><br /><small class="meta">{j.help}</small></td><td>{j.last_run ? fullTime(j.last_run) : 'Never'}</td><td>{j.error ? <span class="err">{j.error}</span> : (j.did ?? '–')}</td><td>{j.running ? 'Running' : fullTime(j.next_run)}</td></tr>)}</tbody>
        </table>
      </div>
    </>
  );
}
