import { monotonicClock } from '../../client/sync.clock.ts';
import type { Coverage } from '../board/lines.ts';
import type { LiveState } from './live.ts';

export type Situation = ReturnType<typeof situationOf>;

/** The facts that the connection state is derived from. `newestAgeMs`: age of the newest sample; `null`: there is none. */
export function situationOf(
  live: LiveState,
  shown: { snapshot: boolean; coverage: Coverage; newestAgeMs: number | null },
) {
  const { sync } = live;
  const { board, heard } = sync;
  const now = monotonicClock.now();
  return {
    ...shown,
    /** The browser reports a network. */
    online: live.online,
    /** The socket is open. */
    connected: sync.connected,
    /** A board is on screen. */
    hasBoard: board !== null,
    /** Milliseconds since the last message of any kind. */
    silentMs: sync.connected && sync.lastFrameAt !== null ? Math.max(0, now - sync.lastFrameAt) : null,
    /** How long the page has been behind the server; `null`: it is not. */
    behindMs: live.behindSince === null ? null : Math.max(0, now - live.behindSince),
    /** Consecutive sync requests that failed. */
    failures: sync.failures,
    failure: sync.failure,
    missed: board && heard && heard.epoch === board.epoch ? Math.max(0, heard.seq - board.seq) : 0,
    paused: live.paused !== null,
    /** Symbols in the liquid universe, whether or not the board has any of them. */
    universe: board?.facts.universe.total ?? 0,
  };
}
