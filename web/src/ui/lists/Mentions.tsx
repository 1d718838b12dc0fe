import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SearchHit } from '../../protocol';
import { api, sentence } from '../../core/api';
import { rooms, titleOf } from '../../core/store';
import { PageFrame } from '../PageFrame';
import { pathOf, Said } from '../Said';
import { client } from '../state';

const PAGE = 30;

/** What speaks to me, in every room, the newest first. */
export function Mentions() {
  const hits = useSignal<readonly SearchHit[] | undefined>(undefined);
  const next = useSignal<string | undefined>(undefined);
  const wrong = useSignal('');
  const load = (cursor?: string) => api.search('is:mention', { limit: PAGE, ...(cursor ? { cursor } : {}) }).then(
    (page) => {
      hits.value = [...(cursor ? (hits.peek() ?? []) : []), ...page.hits];
      next.value = page.next;
      client().want(page.hits.map((h) => h.message.author));
    },
    (e: unknown) => { wrong.value = sentence(e); },
  );
  useEffect(() => void load(), []);
  return (
    <PageFrame title="Mentions" label="Messages that mention you">
      {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
      {hits.value?.length === 0 && <p class="lead">Nobody has mentioned you yet.</p>}
      <ul class="hits">
        {hits.value?.map((hit) => {
          const room = rooms.value.get(hit.message.room);
          return <li key={hit.message.id}><a href={pathOf(hit.message)}><small class="meta">{room ? titleOf(room) : ''}</small><Said message={hit.message} /></a></li>;
        })}
      </ul>
      {next.value && <button type="button" class="btn o" onClick={() => void load(next.peek())}>Show more</button>}
    </PageFrame>
  );
}
