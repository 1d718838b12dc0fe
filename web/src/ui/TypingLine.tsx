import type { RoomId } from '../protocol';
import { live, typing, users } from '../core/store';
import { typingLine } from './words';

/** Its height is reserved, so nothing moves. */
export function TypingLine({ room }: { room: RoomId }) {
  const who = live.value ? (typing.value.get(room) ?? []) : [];
  return (
    <span class="typing">
      {who.length > 0 && (
        <>
          <span class="d" aria-hidden="true"><i /><i /><i /></span>
          <span>{typingLine(who.map((u) => users.value.get(u)?.name ?? 'Someone'))}</span>
        </>
      )}
    </span>
  );
}
