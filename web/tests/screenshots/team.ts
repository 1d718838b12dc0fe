// A small lively team, made through the real API.

import { deflateSync } from 'node:zlib';
import type { Invite, Message, RoomState, SignedIn } from '../../src/protocol';
import { PASSWORD } from '../e2e/people';
import { chunk, SIGNATURE } from './small';

export interface Someone {
  id: string;
  handle: string;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
}

async function ask<T>(url: string, token: string | undefined, method: string, path: string, body?: unknown): Promise<T> {
  const bytes = body instanceof Uint8Array;
  const response = await fetch(`${url}/api/v1/${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'content-type': bytes ? 'application/octet-stream' : 'application/json' }) },
    ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

const someone = (url: string, it: SignedIn): Someone => ({ id: it.me.id, handle: it.me.handle!, call: (method, path, body) => ask(url, it.token, method, path, body) });

export interface Team {
  people: Record<'mara' | 'nadia' | 'tomas' | 'yuki' | 'ines' | 'jonas' | 'priya', Someone>;
  rooms: Record<'announcements' | 'release-0-9' | 'server' | 'web-client' | 'support' | 'incident-review' | 'random', RoomState>;
  /** The message with the thread. */
  soak: number;
}

let keys = 0;

export async function team(url: string): Promise<Team> {
  const mara = someone(url, await signIn(url, 'mara'));
  const invite = await mara.call<Invite>('POST', 'invites', { max_uses: 20 });
  const joins = async (handle: string, name: string) => someone(url, await ask<SignedIn>(url, undefined, 'POST', 'register', { invite: invite.secret, handle, name, password: PASSWORD, token: true }));
  const people = {
    mara, nadia: await joins('nadia', 'Nadia Okafor'), tomas: await joins('tomas', 'Tomás Rivera'), yuki: await joins('yuki', 'Yuki Mori'),
    ines: await joins('ines', 'Ines Laurent'), jonas: await joins('jonas', 'Jonas Weber'), priya: await joins('priya', 'Priya Nair'),
  };
  const others = Object.values(people).filter((it) => it !== mara);
  const make = async (name: string, kind: 'open' | 'closed', topic: string) => {
    const room = await mara.call<RoomState>('POST', 'rooms', { name, kind, topic });
    for (const it of others) await mara.call('PUT', `rooms/${room.id}/members/${it.id}`, { role: 'member' });
    return room;
  };
  const rooms = {
    announcements: await make('announcements', 'open', 'What everyone should know'),
    'release-0-9': await make('release-0-9', 'open', 'Ships Thursday. Checklist is pinned.'),
    server: await make('server', 'open', 'Everything behind the socket'),
    'web-client': await make('web-client', 'open', 'What people see'),
    support: await make('support', 'open', 'Questions from outside'),
    'incident-review': await make('incident-review', 'closed', 'What we learnt'),
    random: await make('random', 'open', ''),
  };
  await mara.call('PATCH', `rooms/${rooms.announcements.id}`, { rules: { post: 'moderator' } });
  await mara.call('PATCH', 'me', { status: { text: 'Writing release notes', emoji: '✍️' }, title: 'Release lead', pronouns: 'she/her', time_zone: 'Europe/Stockholm' });
  await people.nadia.call('PATCH', 'me', { title: 'Engineering lead', time_zone: 'Africa/Lagos' });
  await people.yuki.call('PATCH', 'me', { title: 'Web client', time_zone: 'Asia/Tokyo', status: { emoji: '🎧', text: 'Focusing' } });
  const say = (who: Someone, room: RoomState, text: string, more: object = {}) => who.call<Message>('POST', `rooms/${room.id}/messages`, { key: `seed-${keys++}`, text, ...more });
  const release = rooms['release-0-9'];
  const react = (who: Someone, room: RoomState, seq: number, emoji: string) => who.call('PUT', `rooms/${room.id}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);

  await say(mara, rooms.announcements, 'Welcome to Kestrel Works. Rooms are for work in the open; direct messages are for the rest.');
  await say(people.nadia, rooms.random, 'There is cake in the kitchen.');
  await say(mara, rooms.random, 'Not for long.');
  const checklist = await say(people.nadia, release, 'Morning! The checklist for 0.9 is pinned. Two items left: the overnight soak and the upgrade notes.');
  await people.mara.call('PUT', `rooms/${release.id}/pins/${checklist.seq}`);
  for (const who of [people.yuki, people.ines, people.tomas]) await react(who, release, checklist.seq, '👀');
  const chart = await people.tomas.call<{ id: string }>('POST', `files?name=resume-latency.png&room=${release.id}`, picture());
  const soak = await say(people.tomas, release, 'Soak is done: 14 hours, 2,000 clients. **No gaps, no duplicates.**', { files: [{ file: chart.id, alt: 'Resume after reconnect, in milliseconds, over the night' }] });
  for (const who of [mara, people.nadia, people.yuki, people.ines, people.jonas, people.priya]) await react(who, release, soak.seq, '🎉');
  for (const who of [people.yuki, people.ines]) await react(who, release, soak.seq, '🚀');
  const thread = { thread: soak.seq };
  await say(people.yuki, release, 'p99 under 400 ms on a phone network, lovely. What’s the bump around 03:00?', thread);
  const backup = await say(people.tomas, release, 'Nightly backup. Writes pause for about a second, clients wait it out.', thread);
  for (const who of [mara, people.yuki, people.nadia]) await react(who, release, backup.seq, '👍');
  await say(mara, release, 'Nobody lost their place, so I’d leave it.', thread);
  await say(people.ines, release, 'Could we spread it out? Copy in small steps instead of all at once.', thread);
  await say(people.yuki, release, 'Good idea for 0.10. I’ll open an issue and link it here.', thread);
  const draft = await say(mara, release, 'On it. Draft by noon');
  await mara.call('PATCH', `rooms/${release.id}/messages/${draft.seq}`, { text: 'On it. Draft by 11:30' });
  await say(people.ines, release, 'The retry now keeps the client’s id, so a lost reply can’t post twice:\n```rust\nlet sent = outbox.push(client_id, text);\nmatch link.post(&sent).await {\n    Ok(seq)  => outbox.confirm(seq),\n    Err(_)   => outbox.retry(sent.id), // same id, never twice\n}\n```');
  await say(people.jonas, release, '@mara could you read [upgrade-0.9.md](https://kestrel.example/upgrade-0.9.md) before lunch?');
  await say(mara, release, 'Reading it now. I’ll add the way back to 0.8 as well, people will ask.', { reply: checklist.seq });
  await say(people.jonas, rooms.server, 'WAL checkpoints are down to 12 ms since the release build.');
  await say(people.priya, rooms.server, 'Release on Thursday unless the soak says otherwise?');
  await say(people.priya, rooms.support, '@mara a customer asks whether the release keeps their old links.');
  await say(people.tomas, rooms.support, 'They do: old slugs go on answering. @mara, could you confirm?');
  await say(people.nadia, rooms['incident-review'], 'Notes from Tuesday are in. No action was missed.');
  for (const [who, text] of [[people.nadia, 'Lunch at one?'], [people.jonas, 'Thanks for the review.'], [people.yuki, 'Dark theme is ready for a look.'], [people.priya, 'See you tomorrow.']] as const) {
    const direct = await who.call<RoomState>('POST', 'directs', { users: [mara.id] });
    await say(who, direct, text);
    if (who !== people.nadia) await mara.call('PUT', `rooms/${direct.id}/receipt`, { seq: direct.head + 1 }).catch(() => {});
  }
  const day = 86_400_000;
  await mara.call('PUT', `saved/${release.id}/${soak.seq}`);
  await mara.call('POST', 'reminders', { room: release.id, seq: checklist.seq, at: Date.now() + day, note: 'Tick off what is done' });
  await mara.call('POST', `rooms/${rooms.announcements.id}/scheduled`, { key: 'seed-later', at: Date.now() + 2 * day, draft: { text: '0.9 is out. Thank you, all of you.' } });
  const spam = await say(people.priya, rooms.random, 'Win a kettle, click here!');
  await people.jonas.call('POST', `rooms/${rooms.random.id}/messages/${spam.seq}/reports`, { reason: 'It looks like an advertisement' });
  await mara.call('POST', 'admin/announcements', { text: 'The server rests on Sunday from 12:00 to 12:15.', kind: 'message', audience: { to: 'rooms', rooms: [rooms.announcements.id] }, schedule: { when: 'once', at: Date.now() + day } });
  for (const name of ['announcements', 'release-0-9', 'web-client', 'random'] as const) {
    const now = await mara.call<RoomState>('GET', `rooms/${rooms[name].id}`);
    await mara.call('PUT', `rooms/${rooms[name].id}/receipt`, { seq: now.head });
  }
  return { people, rooms, soak: soak.seq };
}

/** The first person, who must have set the server up. */
async function signIn(url: string, handle: string): Promise<SignedIn> {
  const body = { server_name: 'Kestrel Works', name: 'Mara Lindqvist', handle, password: PASSWORD };
  await ask(url, undefined, 'POST', 'setup', body);
  return ask<SignedIn>(url, undefined, 'POST', 'sessions', { handle, password: PASSWORD, token: true });
}

/** A chart of two lines, as a PNG. */
function picture(): Uint8Array {
  const [w, h] = [816, 324];
  const rows = Buffer.alloc((w * 3 + 1) * h, 0xfb);
  const dot = (x: number, y: number, [r, g, b]: readonly [number, number, number]) => { if (y >= 0 && y < h) rows.set([r, g, b], y * (w * 3 + 1) + 1 + x * 3); };
  for (let y = 0; y < h; y++) rows[y * (w * 3 + 1)] = 0;
  for (const y of [60, 140, 220, 300]) for (let x = 40; x < w - 30; x++) dot(x, y, [231, 228, 221]);
  for (let x = 40; x < w - 30; x++) {
    const high = Math.round(96 + 14 * Math.sin(x / 37) - 46 * Math.exp(-(((x - 460) / 40) ** 2)));
    for (let y = high; y < 300; y++) dot(x, y, y < high + 4 ? [74, 64, 194] : [238 - (300 - y) / 16, 236 - (300 - y) / 14, 253]);
    const low = Math.round(262 + 5 * Math.sin(x / 51));
    for (let y = low; y < low + 4; y++) dot(x, y, [20, 112, 58]);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(h, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}
