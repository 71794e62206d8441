import type { Queryable } from '../../platform/database/postgres.ts';
import type { Redis } from '../../platform/redis/redis.ts';
import { watchRedis, type RedisHealth } from '../../platform/redis/redisHealth.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { createHeartbeatHistory, type HeartbeatHistory } from './collectors/heartbeatHistory.ts';
import { createHeartbeats, type Heartbeats } from './collectors/heartbeats.ts';
import type { DashboardLinks } from './dashboard.types.ts';
import { createOutages, type Outages } from './outages/outages.ts';
import { watchEventLoop, type EventLoop } from './recorder/eventLoop.ts';

/** What operators need from outside of open interest. */
export type OperatorDeps = {
  /** `null`: one node alone. */
  redis: Redis | null;
  production: boolean;
  version: string;
  /** The node is ending: it refuses chunks and answers reads. */
  isDraining: () => boolean;
  links: DashboardLinks;
  /** The token issuer's keys cannot be fetched since; `null`: they can, or there is no issuer. */
  issuerFault: () => { since: number; at: number; reason: string } | null;
};

/** What doctor, trace, the debug page and the heartbeat routes work on. Only heartbeats and outages are written here. */
export type OperatorContext = OpenInterestContext &
  Omit<OperatorDeps, 'redis'> & {
    /** Background connections: an operator's query never delays ingest. */
    readonly db: Queryable;
    readonly startedAt: number;
    /** `null`: Redis is not configured. */
    readonly redisHealth: RedisHealth | null;
    readonly heartbeats: Heartbeats;
    readonly heartbeatHistory: HeartbeatHistory;
    readonly outages: Outages;
    readonly eventLoop: EventLoop;
  };

export function createOperatorContext(
  ctx: OpenInterestContext,
  { redis, ...deps }: OperatorDeps,
): OperatorContext {
  const db = ctx.stores.upkeep;
  const heartbeatHistory = createHeartbeatHistory();
  return {
    ...ctx,
    ...deps,
    db,
    startedAt: ctx.clock.now(),
    redisHealth: redis && watchRedis(redis),
    heartbeats: createHeartbeats({ db, clock: ctx.clock, history: heartbeatHistory }),
    heartbeatHistory,
    outages: createOutages(),
    eventLoop: watchEventLoop(),
  };
}
