import { api } from '../core/api';
import { banners } from '../core/kept';
import { Icon } from './Icon';
import { ask } from './menus';
import { useNow } from './useNow';

/** What the server tells everyone, until it is dismissed or over. */
export function Banners() {
  const now = useNow(banners.value.length > 0);
  const up = banners.value.filter((it) => it.until > now);
  if (up.length === 0) return null;
  const dismiss = (id: string) => ask(api.dismissBanner(id).then(() => { banners.value = banners.peek().filter((it) => it.announcement !== id); }));
  return (
    <ul class="banners" aria-label="Announcements">
      {up.map((it) => <li key={it.announcement}><Icon name="mega" size="s" /><span dir="auto">{it.text}</span><button type="button" class="ib" aria-label="Dismiss" onClick={() => dismiss(it.announcement)}><Icon name="close" size="s" /></button></li>)}
    </ul>
  );
}
