// Administration. One piece to load, for admins and owners only; the server decides, this page only asks.

import type { AdminPage } from '../../core/route';
import { Frame, type Page } from '../Frame';
import { leadsServer, moderates } from '../menus';
import { Nowhere } from '../Nowhere';
import { Announcements } from './Announcements';
import { Audit } from './Audit';
import { Invites } from './Invites';
import { Overview } from './Overview';
import { People } from './People';
import { Reports } from './Reports';
import { Retention } from './Retention';
import { Rooms } from './Rooms';
import { ServerSettings } from './ServerSettings';
import './admin.css';

const PAGES: readonly (Page & { key: AdminPage; View: () => preact.JSX.Element })[] = [
  { key: 'overview', path: '/admin/overview', name: 'Overview', icon: 'chart', View: Overview },
  { key: 'people', path: '/admin/people', name: 'People', icon: 'people', View: People },
  { key: 'invites', path: '/admin/invites', name: 'Invites', icon: 'mail', View: Invites },
  { key: 'rooms', path: '/admin/rooms', name: 'Rooms', icon: 'hash', View: Rooms },
  { key: 'reports', path: '/admin/reports', name: 'Reports', icon: 'flag', View: Reports },
  { key: 'announcements', path: '/admin/announcements', name: 'Announcements', icon: 'mega', View: Announcements },
  { key: 'retention', path: '/admin/retention', name: 'Retention', icon: 'clock', View: Retention },
  { key: 'audit', path: '/admin/audit', name: 'Audit log', icon: 'shield', View: Audit },
  { key: 'settings', path: '/admin/settings', name: 'Server', icon: 'settings', View: ServerSettings },
];

export function Admin({ page }: { page: AdminPage }) {
  // Moderators see what was reported in their rooms.
  const pages = leadsServer() ? PAGES : moderates() ? PAGES.filter((it) => it.key === 'reports') : [];
  const found = pages.find((it) => it.key === page);
  if (!found) return <main class="main"><Nowhere /></main>;
  const { path, View } = found;
  return <Frame name="Admin" pages={pages} here={path}><View key={path} /></Frame>;
}
