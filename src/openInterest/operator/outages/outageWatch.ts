import { formatAge } from '../../../kit/format.shared.ts';
import type { Board } from '../../board/board.ts';
import { POLLER } from '../collectors/collectorViews.ts';
import { describeReason } from '../doctor/collectorJobs.ts';
import { freshnessOf, modeOfSource } from '../../board/freshness.shared.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import type { IngestLog } from '../recorder/ingestLog.ts';
import type { StepTimes } from '../recorder/stepTimes.ts';
import { ASSUMED_PASSAGE } from '../recorder/pipeline.ts';
import type { Cause, Explain, SilentSymbol } from './outages.ts';
import type { Universe } from '../../universe/universe.ts';

/** Pure reading: which symbols of the universe are not live, and what is known of the reason. */

export type SilenceEvidence = {
  now: number;
  startedAt: number;
  board: Board;
  universe: Universe;
  /** When the newest data came in, here or on another node. */
  lastDataAt: number | null;
  ingestLog: IngestLog;
  stepTimes: StepTimes;
  /** `null`: cannot be read. */
  collectors: readonly CollectorState[] | null;
};

export function selectSilentSymbols(
  evidence: Pick<SilenceEvidence, 'now' | 'startedAt' | 'board' | 'universe'>,
): SilentSymbol[] {
  const { now, startedAt, board, universe } = evidence;
  return universe.members().flatMap(({ symbol, enteredAt }) => {
    const row = board.get(symbol)?.row;
    // A symbol that has just entered gets the time of one usual poll before it is missed.
    const since = row?.ts ?? Math.max(enteredAt.getTime(), startedAt);
    const { everySec, source } = row ?? ASSUMED_PASSAGE;
    const freshness = freshnessOf((now - since) / 1_000, everySec, modeOfSource(source));
    return freshness === 'live' ? [] : [{ symbol, since }];
  });
}

/** What a journal of silence says under "why": the most telling of what is known. */
export function createExplain(evidence: SilenceEvidence): Explain {
  const { now, startedAt, ingestLog, stepTimes, collectors } = evidence;
  // Chunks that changed nothing on the board came all the same.
  const cameAt = Math.max(evidence.lastDataAt ?? 0, ingestLog.lastAcceptedAt() ?? 0);
  const causes = (collectors ?? []).map((it) => causeOfCollector(it, now)).filter((it) => it !== null);
  const worst = causes.toSorted((a, b) => b.rank - a.rank)[0] ?? null;

  return ({ from, symbols }) => {
    // A sweep may still be on its way; whoever is silent after it is so for a reason of today.
    if (from < startedAt - MOMENT_MS && now - startedAt < FIRST_SWEEP_MS) {
      return { rank: 1, text: 'nothing was stored in the time before this node started' };
    }
    const refused = ingestLog.lastRefused();
    const nothingCame = cameAt <= from + MOMENT_MS;
    if (nothingCame && refused && refused.at >= from) {
      const [item] = refused.refusals;
      const why = item ? ` (${item.code}: ${item.message})` : '';
      return {
        rank: 5,
        text: `chunks were refused: ${refused.status} ${refused.reason ?? ''}`.trimEnd() + why,
      };
    }
    if (worst && (nothingCame || worst.rank > COLLECTOR_RANK)) return worst;
    if (nothingCame) return { rank: 2, text: 'no chunk was accepted' };
    const lastOf = (symbol: string, stage: 'posted' | 'accepted') => stepTimes.lastOf(symbol, stage) ?? 0;
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

/** Accepted, and silent all the same: their times stand still, or this node's clock is not that of the samples. */
function describeTimes(
  symbols: ReadonlySet<string>,
  { board, stepTimes }: Pick<SilenceEvidence, 'board' | 'stepTimes'>,
): string {
  const lags = Array.from(symbols, (it) => {
    const committedAt = stepTimes.lastOf(it, 'committed');
    return committedAt === null ? 0 : committedAt - (board.get(it)?.row.ts ?? committedAt);
  });
  const lagMs = Math.max(...lags);
  if (lagMs <= SILENT_MS) return 'posted, with times that do not move';
  return `posted, with times ${formatAge(lagMs)} behind this node's clock`;
}

/** Samples are a little older than the chunks that bring them, and a sweep takes its time. */
const MOMENT_MS = 5_000;
const FIRST_SWEEP_MS = 60_000;
/** What a collector says of itself; one of several pollers may be down while the chunks of the others arrive. */
const COLLECTOR_RANK = 4;
/** No symbol is called silent before its sample is this old. */
const SILENT_MS = 45_000;

function causeOfCollector(collector: CollectorState, now: number): Cause | null {
  const { heartbeat, state } = collector;
  const { bannedUntil } = heartbeat;
  if (bannedUntil && bannedUntil > now) {
    return { rank: 6, text: `${heartbeat.collector} is banned by the exchange` };
  }
  if (heartbeat.stopping) return { rank: COLLECTOR_RANK, text: `${heartbeat.collector} was stopped` };
  if (state === 'down') {
    return { rank: COLLECTOR_RANK, text: `${heartbeat.collector} is down` };
  }
  // A slow one still posts, and says so now and then without any symbol falling silent.
  const stopped = heartbeat.jobs.find(
    (job) => POLLER.test(job.name) && (job.state === 'down' || job.state === 'paused'),
  );
  if (!stopped) return null;
  const reason = describeReason(stopped);
  return {
    rank: COLLECTOR_RANK,
    text: `${stopped.name} of ${heartbeat.collector} is ${stopped.state}${reason === '' ? '' : ` (${reason})`}`,
  };
}
