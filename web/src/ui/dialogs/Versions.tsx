import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RoomId, Seq, Version } from '../../protocol';
import { api, sentence } from '../../core/api';
import { Text } from '../../text/Text';
import { Dialog } from '../Dialog';
import { fullTime } from '../words';

/** What a message said, first and after each edit. */
export function Versions({ room, seq, close }: { room: RoomId; seq: Seq; close(): void }) {
  const list = useSignal<readonly Version[] | undefined>(undefined);
  const wrong = useSignal('');
  useEffect(() => {
    api.versions(room, seq).then((found) => { list.value = found; }, (e: unknown) => { wrong.value = sentence(e); });
  }, [room, seq]);
  return (
    <Dialog title="Edit history" close={close}>
      {wrong.value && <p class="errbox" role="alert">{wrong.value}</p>}
      <ol class="versions">
        {list.value?.map((it) => <li key={it.seq}><time dateTime={new Date(it.at).toISOString()}>{fullTime(it.at)}</time><div class="b" dir="auto"><Text source={it.text} /></div></li>)}
      </ol>
    </Dialog>
  );
}
