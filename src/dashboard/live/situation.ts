import { monotonicClock } from '../../client/sync.clock.ts';
import type { Situation } from './connection.ts';
import type { LiveState } from './live.ts';

/** What the connection state is derived from. */
export function situationOf(
  live: LiveState,
  shown: Pick<Situation, 'snapshot' | 'coverage' | 'newestAgeMs'>,
): Situation {
  const { sync } = live;
  const { board, heard } = sync;
  const now = monotonicClock.now();
  const missed = board && heard && heard.epoch === board.epoch ? Math.max(0, heard.seq - board.seq) : 0;
  return {
    ...shown,
    online: live.online,
    connected: sync.connected,
    hasBoard: board !== null,
    silentMs: sync.connected && sync.lastFrameAt !== null ? Math.max(0, now - sync.lastFrameAt) : null,
    behindMs: live.behindSince === null ? null : Math.max(0, now - live.behindSince),
    failures: sync.failures,
    failure: sync.failure,
    missed,
    paused: live.paused !== null,
    universe: board?.facts.universe.total ?? 0,
  };
}
