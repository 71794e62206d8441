import { SECOND_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount, formatDelay } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

/** Added to the longest configured wait, because a briefly busy event loop is no fault. */
const STUCK_MS = 5 * SECOND_MS;

/** Whether changes of the board are published to the sockets. */
export function judgeBroadcast({ broadcast, board, now }: DoctorFacts): Verdict {
  const { waitingSince, publishedAt } = broadcast;
  const sockets = `${formatCount(broadcast.realtimeSockets)} sockets in realtime, ${formatCount(broadcast.snapshotSockets)} in snapshot`;
  if (!broadcast.realtimeEnabled) {
    return { finding: `realtime is switched off (shadow mode), ${sockets}`, state: 'ok' };
  }
  if (waitingSince !== null && now - waitingSince > broadcast.maxWaitMs + STUCK_MS) {
    return {
      finding: `changes have waited for ${formatAge(now - waitingSince)}, ${sockets}`,
      state: 'BROKEN',
      next: 'the board changes and nothing is published: restart the node',
    };
  }
  if (publishedAt === null) {
    return { finding: `nothing published yet, ${sockets}`, state: 'WAITING', next: 'see ingest' };
  }
  // A window may be published while the other facts are read.
  const ageMs = Math.max(0, now - publishedAt);
  const finding = `seq ${broadcast.seq}, ${formatDelay(ageMs)} ago, ${sockets}`;
  if (ageMs > board.pace.lateMs) return { finding, state: 'LATE', next: 'see ingest' };
  return { finding, state: 'ok' };
}
