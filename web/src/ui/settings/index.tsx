// My own settings. One piece to load.

import type { SettingsPage } from '../../core/route';
import { me } from '../../core/store';
import { Frame, type Page } from '../Frame';
import { leadsServer } from '../menus';
import { Account } from './Account';
import { Appearance } from './Appearance';
import { Devices } from './Devices';
import { Notifications } from './Notifications';
import { Profile } from './Profile';
import './settings.css';

const PAGES: readonly Page[] = [
  { path: '/settings/profile', name: 'Profile', icon: 'person' },
  { path: '/settings/notifications', name: 'Notifications', icon: 'bell' },
  { path: '/settings/appearance', name: 'Appearance', icon: 'moon' },
  { path: '/settings/devices', name: 'Devices', icon: 'device' },
  { path: '/settings/account', name: 'Account', icon: 'key' },
];

export function Settings({ page }: { page: SettingsPage }) {
  if (!me.value) return null;
  const pages = leadsServer() ? [...PAGES, { path: '/admin/overview', name: 'Administration', icon: 'chart' } as const] : PAGES;
  return (
    <Frame name="Settings" pages={pages} here={`/settings/${page}`}>
      <div class="narrow">
        {page === 'profile' ? <Profile /> : page === 'notifications' ? <Notifications /> : page === 'appearance' ? <Appearance /> : page === 'devices' ? <Devices /> : <Account />}
      </div>
    </Frame>
  );
}
