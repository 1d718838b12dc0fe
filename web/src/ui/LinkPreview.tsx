import type { Preview, RoomId, Seq } from '../protocol';
import { api, sentence } from '../core/api';
import { safeHref } from '../text/Text';
import { Icon } from './Icon';
import { showToast } from './state';

/** What a link leads to, as that page says of itself: a stranger's words, and nothing but words. */
export function LinkPreview({ of, room, seq, removable }: { of: Preview; room: RoomId; seq: Seq; removable: boolean }) {
  const href = safeHref(of.url);
  if (!href) return null;
  const remove = () => void api.removePreview(room, seq).catch((e: unknown) => showToast({ text: sentence(e) }));
  return (
    <div class="prev">
      <a href={href} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">
        <small>{of.site || new URL(href).host}</small>
        <b dir="auto">{of.title}</b>
        {of.description && <span dir="auto">{of.description}</span>}
      </a>
      {removable && <button type="button" class="ib" aria-label="Remove the preview" onClick={remove}><Icon name="close" size="s" /></button>}
    </div>
  );
}
