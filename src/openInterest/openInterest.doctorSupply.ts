import { formatAge, formatCount } from '../kit/format.shared.ts';
import type { DoctorFacts } from './openInterest.doctorFacts.ts';
import { SILENCE_LATE_MS, type Stage } from './openInterest.doctorStage.ts';
import type { CollectorState } from './openInterest.heartbeats.ts';

/** What has to be there before anything can flow: the stores, the universe, somebody who posts. */

/** The universe job runs every 5 min. */
const UNIVERSE_LATE_MS = 15 * 60_000;

export function judgeDatabase({ database, production }: DoctorFacts): Stage {
  const kind = database.kind === 'embedded' ? 'embedded Postgres' : 'Postgres';
  if (database.pingMs === null) {
    return {
      stage: 'database',
      finding: `${kind} does not answer; ingest answers 503 and nothing is lost`,
      state: 'BROKEN',
      next:
        database.kind === 'embedded'
          ? 'restart this server, which starts it; read postgres/postgres.log in DATA_DIR'
          : 'start Postgres, then check DATABASE_URL and its log',
    };
  }
  const finding = `${kind} answers in ${database.pingMs} ms`;
  if (production && database.kind === 'embedded') {
    return {
      stage: 'database',
      finding: `${finding}; NODE_ENV is production and DATABASE_URL is not set`,
      state: 'DEGRADED',
      next: 'set DATABASE_URL; without it history ends with the disk of this one machine',
    };
  }
  return { stage: 'database', finding, state: 'ok' };
}

export function judgeRedis({ redis }: DoctorFacts): Stage {
  if (!redis.configured)
    return { stage: 'redis', finding: 'not configured; this node works alone', state: 'ok' };
  if (redis.pingMs === null) {
    return {
      stage: 'redis',
      finding: 'does not answer; nodes repair from Postgres every 10s',
      state: 'DEGRADED',
      next: 'start Redis, then check REDIS_URL',
    };
  }
  return { stage: 'redis', finding: `answers in ${redis.pingMs} ms`, state: 'ok' };
}

export function judgeUniverse({ universe, now, baseUrl }: DoctorFacts): Stage {
  const next = `run the liquid universe job; curl ${baseUrl}/api/market/open-interest/liquid-universe`;
  if (universe.total === 0 || universe.updatedAt === null) {
    return { stage: 'universe', finding: 'no symbols yet', state: 'WAITING', next };
  }
  const ageMs = now - universe.updatedAt;
  return {
    stage: 'universe',
    finding: `${formatCount(universe.total)} symbols, updated ${formatAge(ageMs)} ago`,
    ...(ageMs > UNIVERSE_LATE_MS ? { state: 'LATE' as const, next } : { state: 'ok' as const }),
  };
}

export function judgeCollectors(facts: DoctorFacts): Stage[] {
  const { collectors, ingest, now } = facts;
  if (collectors === null) {
    return [
      { stage: 'collector', finding: 'heartbeats cannot be read', state: 'DEGRADED', next: 'see database' },
    ];
  }
  if (collectors.length > 0) return collectors.map((it) => judgeCollector(it, now));
  // The original's pollers say nothing of themselves; that they post is all there is to know.
  const { lastAcceptedAt } = ingest;
  if (lastAcceptedAt === null) {
    return [
      {
        stage: 'collector',
        finding: 'no heartbeat and no chunk yet',
        state: 'WAITING',
        next: 'start a collector, or point the poller at this server',
      },
    ];
  }
  const age = `last chunk ${formatAge(now - lastAcceptedAt)} ago`;
  const silent = now - lastAcceptedAt > SILENCE_LATE_MS;
  return [
    {
      stage: 'collector',
      finding: `no heartbeat, inferred from ingest: ${age}`,
      ...(silent
        ? { state: 'LATE' as const, next: 'look at the poller: is it running, does it get 401 or 429?' }
        : { state: 'ok' as const }),
    },
  ];
}

function judgeCollector({ heartbeat, state, ageSec }: CollectorState, now: number): Stage {
  const { weight, spool, bannedUntil } = heartbeat;
  const troubled = heartbeat.jobs.filter((job) => job.state === 'slow' || job.state === 'down');
  const finding = [
    `${heartbeat.collector} beat ${formatAge(ageSec * 1_000)} ago`,
    weight ? `weight ${formatCount(weight.used)}/${formatCount(weight.limit)}` : 'weight not reported',
    ...(spool && spool.chunks > 0 ? [`${formatCount(spool.chunks)} chunks spooled`] : []),
    ...troubled.map((job) => `${job.name} ${job.state}${job.note ? ` (${job.note})` : ''}`),
  ].join(', ');
  if (bannedUntil && bannedUntil > now) {
    return {
      stage: 'collector',
      finding: `${finding}, banned by the exchange for ${formatAge(bannedUntil - now)}`,
      state: 'BROKEN',
      next: 'wait; it starts again by itself. Lower OI_MAX_REQ_PER_MIN if it comes back',
    };
  }
  if (state === 'down') {
    return { stage: 'collector', finding, state: 'BROKEN', next: 'start the collector and read its log' };
  }
  if (state === 'slow')
    return { stage: 'collector', finding, state: 'LATE', next: 'read the log of the collector' };
  if (troubled.length > 0) {
    return { stage: 'collector', finding, state: 'DEGRADED', next: 'read the log of the collector' };
  }
  return { stage: 'collector', finding, state: 'ok' };
}
