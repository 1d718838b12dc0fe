import { signal } from '@preact/signals';
import { lastAccount, lastRoom, openClient } from '../core/client';
import { api } from '../core/api';
import { go, type Route, route } from '../core/route';
import { me, server } from '../core/store';
import type { User } from '../protocol';
import { setClient } from './state';

/** Where the page is: finding out, before the door, or inside. */
export const stage = signal<'starting' | 'outside' | 'inside' | 'unreachable'>('starting');

/** Where a link leads whoever is not signed in yet; whoever is may have come for another account. */
const isDoor = (at: Route['at']): boolean => at === 'join' || at === 'guest' || at === 'reset';

/** Someone is signed in: opens their database, then the app. `stay` keeps the present view. */
export async function enter(user: User, { stay = false } = {}): Promise<void> {
  const client = await openClient(user.id);
  await client.restore(lastRoom.get());
  me.value = user;
  lastAccount.set(user.id);
  setClient(client);
  client.putUsers([user]);
  if (!stay && (route.peek().at === 'login' || isDoor(route.peek().at))) go(back.take() ?? '/', 'replace');
  stage.value = 'inside';
  await client.start();
}

/** The session ended: the door again, and afterwards back to the same place. What is on the device stays. */
export function signInAgain(): void {
  back.keep(location.pathname);
  lastAccount.set(undefined);
  location.assign('/login');
}

/** Where someone wanted to go before they had to sign in. */
export const back = {
  keep(path: string): void {
    sessionStorage.setItem('chatter.back', path);
  },
  take(): string | undefined {
    const path = sessionStorage.getItem('chatter.back') ?? undefined;
    sessionStorage.removeItem('chatter.back');
    return path;
  },
};

/** Finds out who is here. What the device remembers is shown before the server has said anything. */
export async function begin(): Promise<void> {
  const account = lastAccount.get();
  const at = route.peek().at;
  if (account !== undefined && at !== 'setup' && !isDoor(at)) {
    const client = await openClient(account);
    const room = route.peek();
    const known = await client.restore(room.at === 'room' ? room.room : lastRoom.get());
    if (known) {
      setClient(client);
      if (at === 'login') go('/', 'replace');
      stage.value = 'inside';
      await client.start();
      return;
    }
  }
  try {
    server.value = await api.server();
  } catch {
    stage.value = 'unreachable';
    return;
  }
  if (server.value.needs_setup) {
    if (at !== 'setup') go('/setup', 'replace');
    stage.value = 'outside';
    return;
  }
  if (at === 'setup') go('/login', 'replace');
  if (!isDoor(at)) {
    const user = await api.me().catch(() => undefined);
    if (user) {
      if (route.peek().at === 'login') go('/', 'replace');
      return enter(user);
    }
    if (route.peek().at !== 'login') {
      back.keep(location.pathname);
      go('/login', 'replace');
    }
  }
  stage.value = 'outside';
}
