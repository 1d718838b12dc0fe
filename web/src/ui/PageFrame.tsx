import type { ComponentChildren } from 'preact';
import { Icon } from './Icon';
import { Tabs } from './Sidebar';

/** A page in the place of a room: its title, what it holds, and a phone's tabs below. */
export function PageFrame({ title, label, acts, tabs = false, children }: { title: string; label: string; acts?: ComponentChildren; tabs?: boolean; children: ComponentChildren }) {
  return (
    <>
      <header class="hd">
        {!tabs && <a class="ib only-phone" href="/" aria-label="Back to rooms"><Icon name="back" size="l" /></a>}
        <div class="ttl"><div><h1>{title}</h1></div></div>
        {acts}
      </header>
      <div class="page" tabIndex={0} role="region" aria-label={label}>
        <div class="col">{children}</div>
      </div>
      {tabs && <Tabs />}
    </>
  );
}
