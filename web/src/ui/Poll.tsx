import type { Poll as PollData, RoomId, Seq, Vote } from '../protocol';
import { api, sentence } from '../core/api';
import { rooms } from '../core/store';
import { showToast } from './state';
import { count } from './words';

/** Answers to choose from, and how often each was chosen. */
export function Poll({ poll, votes, room, seq }: { poll: PollData; votes: readonly Vote[]; room: RoomId; seq: Seq }) {
  const state = rooms.value.get(room);
  const over = poll.closed === true || (poll.closes_at !== undefined && poll.closes_at <= Date.now());
  const may = !over && state?.role !== undefined && !state.archived;
  const total = votes.reduce((n, it) => n + it.count, 0);
  const choose = (option: number, on: boolean) => void api.vote(room, seq, option, on).catch((e: unknown) => showToast({ text: sentence(e) }));
  return (
    <div class="poll" role="group" aria-label="Poll">
      {poll.options.map((text, option) => {
        const vote = votes.find((it) => it.option === option);
        return (
          <button key={option} type="button" aria-pressed={vote?.mine ?? false} aria-disabled={!may} onClick={() => may && choose(option, !vote?.mine)}>
            <progress max={Math.max(total, 1)} value={vote?.count ?? 0} aria-hidden="true" />
            <span dir="auto">{text}</span><b>{vote?.count ?? 0}</b>
          </button>
        );
      })}
      <small>{count(total, 'vote', 'votes')}{over ? ' · closed' : poll.multiple ? ' · choose several' : ''}</small>
    </div>
  );
}
