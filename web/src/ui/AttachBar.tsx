import { detach, sendingOf } from '../core/upload';
import { sizeOf } from './Attachments';
import { Icon } from './Icon';

/** What goes with the next message, and how far it is. */
export function AttachBar({ draft }: { draft: string }) {
  const list = sendingOf(draft);
  if (list.length === 0) return null;
  return (
    <ul class="going" aria-label="Files to send">
      {list.map((it) => (
        <li key={it.key} class={it.wrong ? 'bad' : ''}>
          <Icon name="file" size="s" />
          <span class="n"><b>{it.name}</b><small role={it.wrong ? 'alert' : undefined}>{it.wrong ?? (it.file ? sizeOf(it.size) : `${sizeOf(it.sent)} of ${sizeOf(it.size)}`)}</small></span>
          <button type="button" class="ib" aria-label={`Remove ${it.name}`} onClick={() => detach(draft, it.key)}><Icon name="close" size="s" /></button>
          {!it.file && !it.wrong && <progress aria-label={`Sending ${it.name}`} max={Math.max(it.size, 1)} value={it.sent} />}
        </li>
      ))}
    </ul>
  );
}
