import { useSignal } from '@preact/signals';
import type { User } from '../../protocol';
import { api } from '../../core/api';
import { me } from '../../core/store';
import { Avatar } from '../Avatar';
import { Menu, type MenuItem } from '../Menu';
import { ask } from '../menus';
import { client, dialog, showToast } from '../state';
import { date, SERVER_ROLE } from '../words';
import { AccountDialog } from './AccountDialog';

export function PeopleTable({ people, changed }: { people: readonly User[]; changed(): void }) {
  const open = useSignal<User | undefined>(undefined);
  const menuOf = (u: User) => menu(u, changed, () => { open.value = u; });
  return (
    <>
    <div class="wide" tabIndex={0} role="region" aria-label="List of people">
      <table class="t">
        <thead><tr><th>Name</th><th>Handle</th><th>Role</th><th>Joined</th><th>Status</th><th><span class="sr">Actions</span></th></tr></thead>
        <tbody>
          {people.map((u) => (
            <tr key={u.id}>
              <td><button type="button" class="p plain" onClick={() => { client().putUsers([u]); dialog.value = { show: 'profile', user: u.id }; }}><Avatar user={u.id} size={32} of={u} />{u.name}</button></td>
              <td>{u.handle ? '@' + u.handle : '–'}</td>
              <td>{u.bot ? 'Bot' : SERVER_ROLE[u.role]}</td>
              <td>{date(u.created_at)}</td>
              <td><span class={u.deactivated ? 'pill' : 'pill ok'}>{u.deactivated ? 'Closed' : 'Active'}</span></td>
              <td class="end">{menuOf(u).length > 0 && <Menu label={`Actions for ${u.name}`} items={menuOf(u)} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {open.value && <AccountDialog of={open.value} close={() => { open.value = undefined; }} changed={changed} />}
    </>
  );
}

/** What may be done to whom is the server's to say; what never may be is not offered. */
function menu(u: User, changed: () => void, account: () => void): MenuItem[] {
  const self = u.id === me.value?.id;
  if (self || u.erased) return [];
  const owner = me.value?.role === 'owner';
  const change = (what: Parameters<typeof api.changeUser>[1], said: string) => ask(api.changeUser(u.id, what).then(() => { showToast({ text: said }); changed(); }));
  const items: MenuItem[] = [];
  if (owner && u.role === 'member' && !u.bot) items.push({ icon: 'shield', text: 'Make admin', run: () => change({ role: 'admin' }, `${u.name} is an admin now.`) });
  if (owner && u.role === 'admin') items.push({ icon: 'people', text: 'Make member', run: () => change({ role: 'member' }, `${u.name} is a member now.`) });
  if (owner || (u.role !== 'owner' && u.role !== 'admin')) items.push({ icon: 'key', text: 'Account…', run: account });
  if (owner || (u.role !== 'owner' && u.role !== 'admin')) {
    items.push(u.deactivated ? { icon: 'check', text: 'Let in again', run: () => change({ deactivated: false }, `${u.name} may sign in again.`) }
      : { icon: 'close', text: 'Close the account', bad: true, run: () => change({ deactivated: true }, `${u.name} is signed out everywhere and cannot sign in.`) });
  }
  return items;
}
