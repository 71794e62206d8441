import type { HeartbeatHistory } from './heartbeatHistory.ts';
import type { BeatCell, CollectorView, CollectorWord, WeightView } from '../debug/debug.types.ts';
import { stateAfter, type CollectorState } from './heartbeats.ts';
import { BUCKET_MS, KEPT_BUCKETS, type IngestRates } from '../recorder/ingestRates.ts';

/** What collectors report of themselves, and what is inferred of those that report nothing. Pure. */

/** What a job or collector that polls open interest is called. */
export const POLLER = /poll/i;
const UNIVERSE_JOB = /universe/i;

export type CollectorFacts = {
  now: number;
  states: readonly CollectorState[];
  heartbeatHistory: HeartbeatHistory;
  ingestRates: IngestRates;
  lastAcceptedAt: number | null;
  /** Seconds between samples of a symbol, as observed; `null`: none was seen. */
  usualEverySec: number | null;
  universeUpdatedAt: number | null;
};

/** Reporting collectors first, then inferred ones. */
export function describeCollectors(facts: CollectorFacts): CollectorView[] {
  const { now, states, heartbeatHistory } = facts;
  const names = states.flatMap(({ heartbeat }) => [
    heartbeat.collector,
    ...heartbeat.jobs.map((it) => it.name),
  ]);
  return [
    ...states.map((it) => describeReporting(it, heartbeatHistory, now)),
    ...(states.length > 0 && hasPoller(states, names) ? [] : [inferPoller(facts)]),
    ...(names.some((it) => UNIVERSE_JOB.test(it)) ? [] : [inferUniverseJob(facts)]),
  ];
}

/** The weight of the collector closest to its limit, among those that are not down. */
export function selectWeight(states: readonly CollectorState[]): WeightView | null {
  const reports = states.flatMap(({ heartbeat, receivedAt, state }) => {
    const { weight, collector, bannedUntil } = heartbeat;
    if (!weight || state === 'down') return [];
    return [
      {
        used: weight.used,
        budget: weight.budget ?? null,
        limit: weight.limit,
        status429: weight.status429 ?? null,
        status418: weight.status418 ?? null,
        bannedUntil: bannedUntil ?? null,
        reportedBy: collector,
        reportedAt: receivedAt,
      },
    ];
  });
  return reports.toSorted((a, b) => b.used / b.limit - a.used / a.limit)[0] ?? null;
}

/**
 * Symbols polled in the last sweep. Some collectors count since their start instead: a count far from the size of the
 * universe is such a total and is ignored.
 */
export function selectPolled(states: readonly CollectorState[], universeSize: number): number | null {
  const pollers = states
    .filter((it) => it.state !== 'down')
    .flatMap(({ heartbeat }) => heartbeat.jobs)
    .filter((job) => POLLER.test(job.name) && job.ok !== undefined);
  if (pollers.length === 0 || universeSize === 0) return null;
  const polled = pollers.reduce((sum, job) => sum + job.ok!, 0);
  const tried = polled + pollers.reduce((sum, job) => sum + (job.failed ?? 0), 0);
  return tried >= universeSize * 0.5 && tried <= universeSize * 1.5 ? polled : null;
}

function describeReporting(
  { heartbeat, receivedAt, state }: CollectorState,
  history: HeartbeatHistory,
  now: number,
): CollectorView {
  const { collector, jobs, weight, spool } = heartbeat;
  const paused = jobs.length > 0 && jobs.every((job) => job.state === 'paused');
  return {
    name: collector,
    state: state === 'up' && paused ? 'paused' : state,
    inferred: false,
    lastAt: receivedAt,
    everySec: heartbeat.everySec,
    version: heartbeat.version ?? null,
    startedAt: heartbeat.startedAt ?? null,
    note: null,
    bannedUntil: heartbeat.bannedUntil ?? null,
    weightUsed: weight?.used ?? null,
    spool: spool
      ? {
          chunks: spool.chunks,
          bytes: spool.bytes,
          oldestAgeSec: spool.oldestAgeSec ?? null,
          dropped: spool.dropped,
          deadLetters: spool.deadLetters ?? null,
        }
      : null,
    cells: history.cellsOf(collector, now),
    jobs: jobs.map((job) => ({
      name: job.name,
      // A silent collector's report of its jobs has expired.
      state: state === 'down' ? 'down' : job.state,
      everySec: job.everySec ?? null,
      lastRunAt: job.lastRunAt ?? null,
      ok: job.ok ?? null,
      failed: job.failed ?? null,
      note: job.note ?? null,
      cells: history.jobCellsOf(collector, job.name, now),
    })),
  };
}

/** A poller has `poll` in its own or a job's name; a single collector of any name is assumed to be the poller. */
function hasPoller(states: readonly CollectorState[], names: readonly string[]): boolean {
  return states.length === 1 || names.some((it) => POLLER.test(it));
}

function inferPoller({ now, ingestRates, lastAcceptedAt, usualEverySec }: CollectorFacts): CollectorView {
  const everySec = usualEverySec ?? 30;
  return inferred({
    name: 'poller',
    state: stateOf(lastAcceptedAt, everySec, now),
    lastAt: lastAcceptedAt,
    everySec,
    note: 'sends no heartbeat; inferred from its chunks',
    cells: lastAcceptedAt === null ? [] : cellsOfTraffic(ingestRates, everySec, now),
  });
}

function inferUniverseJob({ now, universeUpdatedAt }: CollectorFacts): CollectorView {
  return inferred({
    name: 'universe job',
    state: stateOf(universeUpdatedAt, UNIVERSE_EVERY_SEC, now),
    lastAt: universeUpdatedAt,
    everySec: UNIVERSE_EVERY_SEC,
    note: 'sends no heartbeat; inferred from its updates',
    cells: [],
  });
}

const UNIVERSE_EVERY_SEC = 300;

/** Whether something was accepted in each of the last intervals, as far back as the rates are kept. */
function cellsOfTraffic(ingestRates: IngestRates, everySec: number, now: number): BeatCell[] {
  const widthMs = Math.ceil(Math.max(everySec * 1_000, BUCKET_MS) / BUCKET_MS) * BUCKET_MS;
  const count = Math.min(60, Math.floor((KEPT_BUCKETS * BUCKET_MS) / widthMs));
  const lastEnd = Math.floor(now / widthMs) * widthMs;
  const cells = Array.from({ length: count }, (_, i): BeatCell => {
    const to = lastEnd - (count - 1 - i) * widthMs;
    const { accepted, errors } = ingestRates.totalBetween(to - widthMs, to - 1);
    if (accepted > 0) return { at: to, outcome: 'ok', ok: accepted };
    return { at: to, outcome: errors > 0 ? 'trouble' : 'missed' };
  });
  // Before the first chunk nothing was missed.
  const first = cells.findIndex((it) => it.outcome !== 'missed');
  return first === -1 ? cells : cells.slice(first);
}

function stateOf(at: number | null, everySec: number, now: number): CollectorWord {
  return at === null ? 'never' : stateAfter((now - at) / 1_000, everySec);
}

function inferred(
  given: Pick<CollectorView, 'name' | 'state' | 'lastAt' | 'everySec' | 'note' | 'cells'>,
): CollectorView {
  return {
    inferred: true,
    version: null,
    startedAt: null,
    bannedUntil: null,
    weightUsed: null,
    spool: null,
    jobs: [],
    ...given,
  };
}
