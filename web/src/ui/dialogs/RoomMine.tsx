import type { Involvement, RoomId } from '../../protocol';
import { changeMine, sections } from '../../core/personal';
import { rooms, titleOf } from '../../core/store';
import { Choice, Switch } from '../Choice';
import { Dialog } from '../Dialog';
import { ask } from '../menus';

const INVOLVEMENT: readonly (readonly [Involvement, string])[] = [['everything', 'Everything'], ['mentions', 'Mentions'], ['nothing', 'Nothing']];
/** No section has this id. */
const NONE = '';

/** What of a room I want to hear, and where it stands in my list. Kept as it is chosen. */
export function RoomMine({ room: id, close }: { room: RoomId; close(): void }) {
  const room = rooms.value.get(id);
  if (!room) return null;
  return (
    <Dialog title={`${titleOf(room)}, for you`} close={close}>
      <Choice legend="Tell me of" name="involvement" options={INVOLVEMENT} value={room.involvement ?? (room.kind === 'direct' ? 'everything' : 'mentions')} choose={(involvement) => ask(changeMine(id, { involvement }))} />
      <Switch text="Muted" hint="No marks in the list, but when you are mentioned." on={room.muted ?? false} set={(muted) => ask(changeMine(id, { muted }))} />
      <Switch text="Starred" hint="Stands on top of the list." on={room.starred ?? false} set={(starred) => ask(changeMine(id, { starred }))} />
      <div class="fld">
        <label for="room-section">Section</label>
        {/* The wire says "in no section" with null, which absent is not. */}
        <select id="room-section" class="sel" value={room.section ?? NONE} onChange={(e) => ask(changeMine(id, { section: (e.currentTarget.value || null) as string }))}>
          <option value={NONE}>None</option>
          {sections.value.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}
        </select>
        {sections.value.length === 0 && <small>Make one with “New section” in the team menu.</small>}
      </div>
    </Dialog>
  );
}
