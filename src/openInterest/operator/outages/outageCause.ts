import { MINUTE_MS, SECOND_MS } from '../../../kit/clock.ts';
import { formatAge } from '../../../kit/format.shared.ts';
import type { Board } from '../../board/board.ts';
import { POLLER } from '../collectors/collectorViews.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import { describeReason } from '../doctor/collectorJobs.ts';
import type { IngestLog } from '../recorder/ingestLog.ts';
import type { SampleStep, StepTimes } from '../recorder/stepTimes.ts';
import type { Cause, Explain } from './outages.ts';

/** What this node knows about the reason of an outage. */
export type OutageEvidence = {
  now: number;
  startedAt: number;
  board: Board;
  /** When the newest data arrived, here or on another node. */
  lastDataAt: number | null;
  ingestLog: IngestLog;
  stepTimes: StepTimes;
  /** `null`: cannot be read. */
  collectors: readonly CollectorState[] | null;
};

/** Samples are a little older than the chunk that carries them, and a sweep takes some time. */
const MOMENT_MS = 5 * SECOND_MS;
const FIRST_SWEEP_MS = MINUTE_MS;
/** A collector's own report. Of several pollers one may be down while the chunks of the others arrive. */
const COLLECTOR_RANK = 4;
/** No symbol counts as silent before its sample is this old. */
const SILENT_MS = 45 * SECOND_MS;

/** The most specific cause that the evidence supports. Pure. */
export function createExplain(evidence: OutageEvidence): Explain {
  const { now, startedAt, ingestLog, stepTimes, collectors } = evidence;
  // Chunks that changed nothing on the board arrived all the same.
  const arrivedAt = Math.max(evidence.lastDataAt ?? 0, ingestLog.lastAcceptedAt() ?? 0);
  const causes = (collectors ?? []).map((it) => causeOfCollector(it, now)).filter((it) => it !== null);
  const worst = causes.toSorted((a, b) => b.rank - a.rank)[0] ?? null;
  const lastOf = (symbol: string, step: SampleStep): number => stepTimes.lastOf(symbol, step) ?? 0;

  return ({ from, symbols }) => {
    // After the first sweep, the reason of a silence is a current one.
    if (from < startedAt - MOMENT_MS && now - startedAt < FIRST_SWEEP_MS) {
      return { rank: 1, text: 'nothing was stored in the time before this node started' };
    }
    const nothingArrived = arrivedAt <= from + MOMENT_MS;
    const refusal = nothingArrived ? causeOfRefusal(ingestLog, from) : null;
    if (refusal) return refusal;
    if (worst && (nothingArrived || worst.rank > COLLECTOR_RANK)) return worst;
    if (nothingArrived) return { rank: 2, text: 'no chunk was accepted' };
    const some = (holds: (symbol: string) => boolean) => [...symbols].some(holds);
    if (some((it) => lastOf(it, 'posted') > Math.max(from, lastOf(it, 'accepted')))) {
      return { rank: 3, text: 'their items were refused' };
    }
    if (some((it) => lastOf(it, 'accepted') > from + SILENT_MS)) {
      return { rank: 3, text: describeTimes(symbols, evidence) };
    }
    const missing = 'not in the chunks that arrived';
    return worst ? { ...worst, text: `${missing}; ${worst.text}` } : { rank: 2, text: missing };
  };
}

function causeOfRefusal(ingestLog: IngestLog, from: number): Cause | null {
  const refused = ingestLog.lastRefused();
  if (!refused || refused.at < from) return null;
  const [item] = refused.refusals;
  const why = item ? ` (${item.code}: ${item.message})` : '';
  return { rank: 5, text: `chunks were refused: ${refused.status} ${refused.reason ?? ''}`.trimEnd() + why };
}

/** Accepted and silent all the same: their times do not advance, or this node's clock differs from that of the samples. */
function describeTimes(
  symbols: ReadonlySet<string>,
  { board, stepTimes }: Pick<OutageEvidence, 'board' | 'stepTimes'>,
): string {
  const lags = Array.from(symbols, (it) => {
    const committedAt = stepTimes.lastOf(it, 'committed');
    return committedAt === null ? 0 : committedAt - (board.get(it)?.row.ts ?? committedAt);
  });
  const lagMs = Math.max(...lags);
  if (lagMs <= SILENT_MS) return 'posted, with times that do not move';
  return `posted, with times ${formatAge(lagMs)} behind this node's clock`;
}

function causeOfCollector({ heartbeat, state }: CollectorState, now: number): Cause | null {
  const { collector, bannedUntil, stopping, jobs } = heartbeat;
  if (bannedUntil && bannedUntil > now) return { rank: 6, text: `${collector} is banned by the exchange` };
  if (stopping) return { rank: COLLECTOR_RANK, text: `${collector} was stopped` };
  if (state === 'down') return { rank: COLLECTOR_RANK, text: `${collector} is down` };
  // A slow poller still posts, and is slow now and then without a silent symbol.
  const stopped = jobs.find(
    (job) => POLLER.test(job.name) && (job.state === 'down' || job.state === 'paused'),
  );
  if (!stopped) return null;
  const reason = describeReason(stopped);
  const why = reason === '' ? '' : ` (${reason})`;
  return { rank: COLLECTOR_RANK, text: `${stopped.name} of ${collector} is ${stopped.state}${why}` };
}
