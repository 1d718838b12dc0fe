import { useEffect } from 'preact/hooks';
import type { UserId } from '../../protocol';
import { api } from '../../core/api';
import { go } from '../../core/route';
import { live, me, presence, rooms, type Seen, seenIn, users } from '../../core/store';
import { Avatar } from '../Avatar';
import { Dialog } from '../Dialog';
import { Icon } from '../Icon';
import { ask } from '../menus';
import { SEEN } from '../Sidebar';
import { client } from '../state';
import { date, SERVER_ROLE, statusLine } from '../words';

/** Who someone is, and a way to talk to them. */
export function Profile({ user: id, close }: { user: UserId; close(): void }) {
  const user = users.value.get(id);
  useEffect(() => client().want([id]), [id]);
  if (!user) return <Dialog title="Profile" close={close}><p class="meta">This person is not here, or not for you to see.</p></Dialog>;
  const self = id === me.value?.id;
  const seen = live.value ? [...presence.value.values()].map((it) => seenIn(it, id)).find((it): it is Exclude<Seen, 'gone'> => it !== undefined && it !== 'gone') : undefined;
  const said = statusLine(user);
  const talk = () => ask(api.openDirect([id]).then((room) => { client().welcomeRoom(room); close(); go(`/r/${room.id}`); }));
  const shared = [...rooms.value.values()].filter((r) => r.role && r.kind === 'direct' && r.people?.includes(id) && r.people.length > 2);
  const facts: [string, string][] = [
    ['Title', user.title ?? ''], ['Pronouns', user.pronouns ?? ''], ['About', user.about],
    ['Local time', user.time_zone ? [new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZone: safeZone(user.time_zone) }).format(Date.now()), user.time_zone.replace(/_/g, ' ')].join(', ') : ''],
    ['Here since', date(user.created_at)],
  ];
  return (
    <Dialog title="Profile" close={close}>
      <div class="who-card">
        <Avatar user={id} size={64} here={seen} />
        <div>
          <b>{user.name}</b>
          <small>{user.handle ? '@' + user.handle : 'Guest'}{seen && ` · ${SEEN[seen]}`}</small>
          {(user.role !== 'member' || user.bot) && <span class="tag">{user.bot ? 'Bot' : SERVER_ROLE[user.role]}</span>}
        </div>
      </div>
      {user.deactivated && <p class="meta">This account is closed.</p>}
      {said && <p class="says">{said}</p>}
      <dl class="facts">{facts.filter(([, it]) => it).map(([name, it]) => <div key={name}><dt>{name}</dt><dd dir="auto">{it}</dd></div>)}</dl>
      {shared.length > 0 && <p class="meta">{shared.length} conversations with others in common.</p>}
      <div class="acts">
        {self ? <a class="btn o" href="/settings/profile" onClick={close}>Edit the profile</a>
          : me.value?.role !== 'guest' && user.role !== 'guest' && !user.deactivated && <button type="button" class="btn p" onClick={talk}><Icon name="pencil" size="s" />Message</button>}
      </div>
    </Dialog>
  );
}

/** One this browser does not know would be an error. */
function safeZone(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) && zone;
  } catch {
    return undefined;
  }
}
