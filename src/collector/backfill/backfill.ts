import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange, HistoryPage } from '../collector.types.ts';
import { endProcess } from '../process/endProcess.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { createFailures } from '../heartbeat/failures.ts';
import type { ServerClient } from '../server/client.ts';
import type { Outbox } from '../spool/outbox.ts';
import { isStorageFault } from '../store/faults.ts';
import type { Gap, Gaps } from './gaps.repository.ts';

/**
 * Fills gaps from the exchange's own history of five-minute points, as `source: backfill`: to charts, never to the board,
 * never to the alerts. It has time: one question a second at most, behind everything else.
 */
export type BackfillJob = Job & {
  /** Nothing was read of the symbol between these moments. `from` is `null` when this collector has never read it. */
  note(gap: { symbol: string; from: number | null; to: number }): void;
};

/** Between two questions to the exchange. */
const PACE_MS = SECOND_MS;
/** After a symbol that the server knew enough of: it lets a key ask 1,200 times a minute. */
const SERVER_PACE_MS = 100;
const IDLE_MS = 5 * SECOND_MS;
const AFTER_FAILURE_MS = 30 * SECOND_MS;
/** A symbol whose history could not be read lets the others go first. */
const REST_MS = 5 * MINUTE_MS;
/** Further back than charts of a day reach, nothing is asked for a symbol that nobody has ever read. */
const NEWCOMER_MS = 24 * HOUR_MS;
/** The exchange keeps 30 days and refuses a question that reaches further back; an hour for clocks that differ. */
const KEPT_MS = 30 * DAY_MS - HOUR_MS;
/** All that the exchange gives at once. */
const POINTS_AT_ONCE = 500;
/** The exchange's points are so far apart. */
export const POINT_MS = 5 * MINUTE_MS;

export function createBackfillJob(options: {
  exchange: Pick<Exchange, 'openInterestHist'>;
  server: Pick<ServerClient, 'selectOptionalLastTs'>;
  gaps: Gaps;
  outbox: Pick<Outbox, 'put'>;
  /** Whether what is fetched could be sent soon. What could not had better stay a gap: it takes less room. */
  hasRoom: () => boolean;
  clock: Clock;
  logger: Logger;
}): BackfillJob {
  const { exchange, server, gaps, outbox, hasRoom, clock, logger } = options;
  const stopping = new AbortController();
  const failures = createFailures({ clock, systemClock: clock });
  let loop: Loop | null = null;
  let waitMs = IDLE_MS;
  let lastRunAt: number | null = null;
  let fault: string | null = null;
  let filled = 0;
  let leftOut = 0;
  const resting = new Set<string>();

  function note({ symbol, from, to }: { symbol: string; from: number | null; to: number }): void {
    keep({ symbol, from: from ?? to - NEWCOMER_MS, to });
  }

  /** A disk that refuses costs a gap in a chart, no more. */
  function keep(gap: Gap): void {
    try {
      gaps.add(gap);
    } catch (thrown) {
      logger.warn({ err: coerceError(thrown), ...gap }, 'a gap cannot be noted and will stay');
    }
  }

  async function step(): Promise<void> {
    try {
      waitMs = await fillNext();
      fault = null;
    } catch (thrown) {
      if (stopping.signal.aborted) return;
      if (!(thrown instanceof ExchangeError || isStorageFault(thrown))) endProcess(clock, thrown);
      fault = describeError(thrown);
      failures.note(thrown);
      waitMs = AFTER_FAILURE_MS;
      logger.warn({ err: coerceError(thrown) }, 'a gap was not filled, will be tried again');
    }
  }

  /**
   * A symbol that is new here may be known to the server: another collector read it, or this one lost its memory. A server that
   * does not answer costs points that it has already, no more.
   */
  async function narrow({ symbol, from, to }: Gap): Promise<number> {
    if (to - from !== NEWCOMER_MS) return from;
    try {
      const query = { symbol, ts: to - 1, maxAgeSec: NEWCOMER_MS / SECOND_MS };
      const known = await server.selectOptionalLastTs(query, stopping.signal);
      return known !== null && known < to ? known : from;
    } catch (thrown) {
      if (stopping.signal.aborted) throw thrown;
      logger.info({ err: coerceError(thrown), symbol }, 'the server does not say what it knows of a symbol');
      return from;
    }
  }

  /** Answers for how long to wait after it. */
  async function fillNext(): Promise<number> {
    const gap = hasRoom() ? gaps.next((it) => resting.has(it)) : null;
    if (!gap) return IDLE_MS;
    const { symbol, to } = gap;
    // What has become too old meanwhile is given up; the days that can still be had are asked for.
    const from = Math.max(await narrow(gap), clock.now() - KEPT_MS);
    if (to - from <= POINT_MS) {
      gaps.remove(gap);
      return SERVER_PACE_MS;
    }
    try {
      const query = { symbol, from: from + 1, to: to - 1, limit: POINTS_AT_ONCE };
      fill(gap, await exchange.openInterestHist(query, stopping.signal));
    } catch (thrown) {
      if (isUnavailable(thrown)) rest(symbol);
      if (!isFinal(thrown)) throw thrown;
      logger.info({ err: coerceError(thrown), symbol }, 'a gap cannot be filled');
      gaps.remove(gap);
    }
    return PACE_MS;
  }

  function rest(symbol: string): void {
    resting.add(symbol);
    clock.after(REST_MS, () => resting.delete(symbol));
  }

  function fill(gap: Gap, page: HistoryPage): void {
    const spooledAt = clock.now();
    const points = page.points.filter((it) => it.ts > gap.from && it.ts < gap.to);
    if (page.leftOut > 0) {
      leftOut += page.leftOut;
      logger.warn(
        { symbol: gap.symbol, leftOut: page.leftOut },
        'rows of history cannot be read and are left out',
      );
    }
    const samples = points.map(({ symbol, openInterest, openInterestUsd, ts }) => {
      return { symbol, openInterest, openInterestUsd, ts, source: 'backfill', spooledAt };
    });
    if (samples.length === 0) gaps.remove(gap);
    else outbox.put('backlog', samples, () => close(gap, points[0]!.ts, page));
    filled += samples.length;
    lastRunAt = spooledAt;
  }

  /** The exchange gives the newest points of a range; what is before them is a gap of its own. */
  function close(gap: Gap, firstTs: number, page: HistoryPage): void {
    gaps.remove(gap);
    if (page.points.length + page.leftOut < POINTS_AT_ONCE || firstTs - gap.from <= POINT_MS) return;
    gaps.add({ symbol: gap.symbol, from: gap.from, to: firstTs });
  }

  function noteOf(open: number): { note?: string } {
    if (fault !== null) return { note: fault.slice(0, 500) };
    const parts = [
      ...(open > 0 ? [`${open} gaps to fill`] : []),
      ...(leftOut > 0 ? [`${leftOut} rows of history left out, as they cannot be read`] : []),
    ];
    return parts.length > 0 ? { note: parts.join('; ') } : {};
  }

  function status(): JobStatus {
    const open = gaps.count();
    return {
      name: 'backfill',
      state: fault === null ? 'up' : 'slow',
      lastRunAt,
      lastError: failures.last(),
      ok: filled,
      ...noteOf(open),
    };
  }

  return {
    note,
    async start() {
      loop = startLoop({
        clock,
        everyMs: () => waitMs,
        task: step,
        onError: (err) => logger.warn({ err }, 'a gap was not filled'),
      });
    },
    async stop() {
      stopping.abort(new Error('the backfill is stopping'));
      await loop?.stop();
    },
    status,
  };
}

/** It may be the symbol's own fault; a closed exchange is nobody's. */
function isUnavailable(thrown: unknown): boolean {
  return thrown instanceof ExchangeError && thrown.kind === 'unavailable';
}

/** Asking again would change nothing. */
function isFinal(thrown: unknown): boolean {
  return thrown instanceof ExchangeError && (thrown.kind === 'unknown_symbol' || thrown.kind === 'refused');
}
