import type { Registry } from 'prom-client';
import type { Redis } from '../platform/redis/redis.ts';
import { createSentAlerts } from './alerts/sentAlerts.ts';
import { createBoard } from './board/board.ts';
import { publishWindow } from './board/publish.ts';
import { createSnapshotBoards } from './board/snapshotBoards.ts';
import { createBroadcastWindow } from './board/window.ts';
import { createRedisCopy } from './cluster/redisCopy.ts';
import type { OpenInterestContext } from './openInterest.context.ts';
import { createOpenInterestMetrics } from './operator/recorder/metrics.ts';
import { createRecorder } from './operator/recorder/recorder.ts';
import { createRuleFeed } from './rules/ruleFeed.ts';
import { createSeenAccess } from './rules/seenAccess.ts';
import { createUniverse } from './universe/universe.ts';

export type ContextDeps = Pick<
  OpenInterestContext,
  'settings' | 'stores' | 'clock' | 'logger' | 'bus' | 'publisher' | 'requireOpen'
> & {
  registry: Registry;
  /** `null`: one node alone. */
  redis: Redis | null;
};

/** The outside world as given, with the empty state of a node. */
export function createContext(deps: ContextDeps): OpenInterestContext {
  const { settings, clock, logger } = deps;
  const metrics = createOpenInterestMetrics(deps.registry);
  const board = createBoard({ withLastDay: true });
  const universe = createUniverse();
  const ctx: OpenInterestContext = {
    ...deps,
    metrics,
    redisCopy: createRedisCopy({
      redis: deps.redis,
      clock,
      logger,
      onFailure: () => metrics.mirrorFailures.inc(),
    }),
    universe,
    board,
    window: createBroadcastWindow({
      clock,
      quietMs: settings.broadcastDebounceMs,
      maxWaitMs: settings.broadcastMaxWaitMs,
      publish: (at) => publishWindow(ctx, at),
    }),
    snapshots: createSnapshotBoards(),
    sentAlerts: createSentAlerts(),
    recorder: createRecorder({
      clock,
      logger,
      metrics,
      isMember: universe.has,
      isOnBoard: (symbol) => board.get(symbol) !== undefined,
    }),
    seenAccess: createSeenAccess(),
    ruleFeed: createRuleFeed((rows) => metrics.rules.leftOut.inc(rows)),
    feed: { lastDataAt: null, waitingChunks: 0 },
  };
  return ctx;
}
