import type { ComponentChildren } from 'preact';
import { go } from '../core/route';
import { me } from '../core/store';
import { Avatar } from './Avatar';
import { ConnectionStrip } from './ConnectionStrip';
import { Icon, type IconName, Logo } from './Icon';
import { SERVER_ROLE } from './words';

export interface Page {
  path: string;
  name: string;
  icon: IconName;
}

/** Settings and administration: a list of pages of their own; on a phone one picks from a list. */
export function Frame({ name, pages, here, lead, acts, children }: { name: string; pages: readonly Page[]; here: string; lead?: ComponentChildren; acts?: ComponentChildren; children: ComponentChildren }) {
  const user = me.value;
  const page = pages.find((it) => it.path === here);
  return (
    <>
      <aside class="side framed" aria-label={name}>
        <div class="ws"><Logo /><b>{name}</b><a class="ib" href="/" aria-label={`Close ${name.toLowerCase()}`}><Icon name="close" /></a></div>
        <nav class="rooms" aria-label={name}>
          <ul>{pages.map((it) => <li key={it.path}><a class="it" href={it.path} aria-current={it.path === here ? 'page' : undefined}><Icon name={it.icon} /><span class="n">{it.name}</span></a></li>)}</ul>
        </nav>
        {user && <div class="me"><Avatar user={user.id} size={32} /><div><b>{user.name}</b><small>{SERVER_ROLE[user.role]}</small></div></div>}
      </aside>
      <main class="main">
        <div class="lines"><ConnectionStrip /></div>
        <header class="hd framed-hd">
          <a class="ib" href="/" aria-label={`Close ${name.toLowerCase()}`}><Icon name="back" size="l" /></a>
          <select class="sel" aria-label={name} value={here} onChange={(e) => go(e.currentTarget.value, 'replace')}>{pages.map((it) => <option key={it.path} value={it.path}>{it.name}</option>)}</select>
        </header>
        <div class="page adm" tabIndex={0} role="region" aria-label={page?.name ?? name}>
          <header class="top"><div><h1>{page?.name}</h1>{lead && <p class="lead">{lead}</p>}</div>{acts}</header>
          {children}
        </div>
      </main>
    </>
  );
}
