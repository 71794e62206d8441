import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { Exchange, ExchangeErrorKind, HistoryPage } from '../collector.types.ts';
import { endProcess } from '../process/endProcess.ts';
import { ExchangeError } from '../binance/exchangeError.ts';
import { createJobLoop, type JobLoop } from '../process/jobLoop.ts';
import type { ServerClient } from '../server/client.ts';
import type { Outbox } from '../spool/outbox.ts';
import { isStorageFault } from '../store/faults.ts';
import type { Gap, Gaps } from './gaps.repository.ts';

/** Between two requests to the exchange. */
const PACE_MS = SECOND_MS;
/** After a symbol of which the server has enough: one key may make 1,200 requests a minute. */
const SERVER_PACE_MS = 100;
const IDLE_MS = 5 * SECOND_MS;
const AFTER_FAILURE_MS = 30 * SECOND_MS;
/** How long a symbol whose history could not be read lets others go first. */
const REST_MS = 5 * MINUTE_MS;
/** How far back to fill a symbol that was never read: as far as charts of a day reach. */
const NEWCOMER_MS = 24 * HOUR_MS;
/** The exchange keeps 30 days and refuses an earlier start; an hour of margin for clocks that differ. */
const KEPT_MS = 30 * DAY_MS - HOUR_MS;
/** The most that the exchange returns. */
const POINTS_AT_ONCE = 500;
/** Between two points of the exchange's history. */
export const POINT_MS = 5 * MINUTE_MS;

type BackfillOptions = {
  exchange: Pick<Exchange, 'openInterestHist'>;
  server: Pick<ServerClient, 'selectOptionalLastTs'>;
  gaps: Gaps;
  outbox: Pick<Outbox, 'put'>;
  /** Whether fetched points could be sent soon. Otherwise they had better stay a gap, which needs less space. */
  hasRoom: () => boolean;
  clock: Clock;
  logger: Logger;
};

type Context = BackfillOptions & {
  loop: JobLoop;
  resting: Set<string>;
  lastRunAt: number | null;
  filled: number;
  leftOut: number;
};

export type BackfillJob = ReturnType<typeof createBackfillJob>;

/**
 * Fills gaps from the exchange's history of five-minute points, as `source: backfill`: for charts, never for the board or
 * the alerts. At most one request a second, behind everything else.
 */
export function createBackfillJob(options: BackfillOptions) {
  const context: Context = {
    ...options,
    loop: createJobLoop({
      ...options,
      task: () => fillNext(context).catch((thrown: unknown) => endUnlessKnown(context, thrown)),
      failing: 'cannot fill a gap, retrying',
      retryMs: AFTER_FAILURE_MS,
      firstAfterMs: IDLE_MS,
    }),
    resting: new Set(),
    lastRunAt: null,
    filled: 0,
    leftOut: 0,
  };
  const { loop } = context;

  return {
    /** The symbol was not read between these times. `from` is `null` when this collector has never read it. */
    note: (gap: { symbol: string; from: number | null; to: number }) => note(context, gap),
    start: async () => loop.start(),
    stop: loop.stop,
    status: () => status(context),
  } satisfies Job & Record<string, unknown>;
}

/** If the disk refuses, a gap stays in a chart. */
function note({ gaps, logger }: Context, given: { symbol: string; from: number | null; to: number }): void {
  const gap = { ...given, from: given.from ?? given.to - NEWCOMER_MS };
  try {
    gaps.add(gap);
  } catch (thrown) {
    logger.warn({ err: coerceError(thrown), ...gap }, 'cannot store a gap, it will not be filled');
  }
}

function endUnlessKnown({ clock, loop }: Context, thrown: unknown): never {
  const isKnown = thrown instanceof ExchangeError || isStorageFault(thrown);
  if (!isKnown && !loop.signal.aborted) endProcess(clock, thrown);
  throw thrown;
}

/** Returns how long to wait after it. */
async function fillNext(context: Context): Promise<number> {
  const { gaps, exchange, hasRoom, resting, clock, loop, logger } = context;
  const gap = hasRoom() ? gaps.next((it) => resting.has(it)) : null;
  if (!gap) return IDLE_MS;
  const { symbol, to } = gap;
  // The exchange no longer has what is older.
  const from = Math.max(await narrow(context, gap), clock.now() - KEPT_MS);
  if (to - from <= POINT_MS) {
    gaps.remove(gap);
    return SERVER_PACE_MS;
  }
  try {
    const query = { symbol, from: from + 1, to: to - 1, limit: POINTS_AT_ONCE };
    fill(context, gap, await exchange.openInterestHist(query, loop.signal));
  } catch (thrown) {
    // The symbol itself may be the cause; a closed exchange affects all.
    if (isOfKind(thrown, 'unavailable')) {
      resting.add(symbol);
      clock.after(REST_MS, () => resting.delete(symbol));
    }
    if (!isOfKind(thrown, 'unknown_symbol', 'refused')) throw thrown;
    // A retry would change nothing.
    logger.info({ err: coerceError(thrown), symbol }, 'gap cannot be filled');
    gaps.remove(gap);
  }
  return PACE_MS;
}

/**
 * The server may know a symbol that is new here: another collector read it, or this one lost its state. A server that does
 * not answer costs duplicate points at most.
 */
async function narrow(
  { server, loop: { signal }, logger }: Context,
  { symbol, from, to }: Gap,
): Promise<number> {
  if (to - from !== NEWCOMER_MS) return from;
  try {
    const query = { symbol, ts: to - 1, maxAgeSec: NEWCOMER_MS / SECOND_MS };
    const known = await server.selectOptionalLastTs(query, signal);
    return known !== null && known < to ? known : from;
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    logger.info(
      { err: coerceError(thrown), symbol },
      'cannot read the last sample of a symbol from the server',
    );
    return from;
  }
}

function fill(context: Context, gap: Gap, page: HistoryPage): void {
  const { gaps, outbox, clock, logger } = context;
  const spooledAt = clock.now();
  const points = page.points.filter((it) => it.ts > gap.from && it.ts < gap.to);
  if (page.leftOut > 0) {
    context.leftOut += page.leftOut;
    logger.warn({ symbol: gap.symbol, leftOut: page.leftOut }, 'ignored malformed rows of history');
  }
  const samples = points.map((point) => ({ ...point, source: 'backfill', spooledAt }));
  if (samples.length === 0) gaps.remove(gap);
  else outbox.put('backlog', samples, () => close(gaps, gap, points[0]!.ts, page));
  context.filled += samples.length;
  context.lastRunAt = spooledAt;
}

/** The exchange returns the newest points of a range; what is before them stays a gap. */
function close(gaps: Gaps, gap: Gap, firstTs: number, page: HistoryPage): void {
  gaps.remove(gap);
  if (page.points.length + page.leftOut < POINTS_AT_ONCE || firstTs - gap.from <= POINT_MS) return;
  gaps.add({ symbol: gap.symbol, from: gap.from, to: firstTs });
}

function status({ gaps, loop, leftOut, filled, lastRunAt }: Context): JobStatus {
  const open = gaps.count();
  const parts = [
    ...(open > 0 ? [`${open} gaps to fill`] : []),
    ...(leftOut > 0 ? [`${leftOut} rows of history left out, as they cannot be read`] : []),
  ];
  const fault = loop.fault();
  return {
    name: 'backfill',
    state: fault === null ? 'up' : 'slow',
    lastRunAt,
    ok: filled,
    ...loop.describe(fault === null ? parts : [fault]),
  };
}

function isOfKind(thrown: unknown, ...kinds: ExchangeErrorKind[]): boolean {
  return thrown instanceof ExchangeError && kinds.includes(thrown.kind);
}
