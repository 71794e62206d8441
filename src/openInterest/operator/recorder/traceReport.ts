import { formatAge, formatLine, formatMoment, formatPlain, UNKNOWN } from '../../../kit/format.shared.ts';
import type { SampleTrace } from './traces.ts';
import type { BoardRow, Sample } from '../../openInterest.types.ts';

/** What is known of one symbol, to find out why it is missing. */
export type TraceReport = {
  symbol: string;
  serverTime: number;
  inUniverse: boolean;
  /** The row on this node's board; `null`: absent. */
  board: BoardRow | null;
  /** False: shadow mode, nothing is pushed. */
  realtimeEnabled: boolean;
  /** Since when a member of the universe is not live, and why as far as this node knows; `null`: it is, or is no member. */
  silence: { since: number; why: string | null } | null;
  /** Why it is absent or silent, in a sentence. */
  explanation: string;
  /** What this node saw since it started, newest first. */
  traces: readonly SampleTrace[];
  /** The last stored samples, newest first; `null`: the database did not answer. */
  stored: readonly (Sample & { createdAt: number })[] | null;
};

const LONGEST_FAILURE = 200;

export function explainSymbol(facts: Omit<TraceReport, 'explanation'>): string {
  const { silence, serverTime } = facts;
  const sentence = describePlace(facts);
  if (silence === null) return sentence;
  const why =
    silence.why === null ? 'the reason is not known here' : formatLine(silence.why, LONGEST_FAILURE);
  return `${sentence} Not live since ${formatMoment(silence.since, serverTime)}: ${why}.`;
}

function describePlace(facts: Omit<TraceReport, 'explanation'>): string {
  const { symbol, inUniverse, board, traces, stored, serverTime } = facts;
  const last = traces[0];
  const universe = inUniverse ? 'it is in the liquid universe' : 'it is not in the liquid universe';
  if (board === null) {
    if (stored === null)
      return `${symbol} is not on the board and the database does not answer; ${universe}.`;
    const newest = stored[0];
    if (!newest) {
      return inUniverse
        ? `${symbol} has never been received; ${universe}, so its poller does not post it or posts another name.`
        : `${symbol} has never been received and ${universe}, so no poller reads it.`;
    }
    if (stored.every((it) => it.source === 'backfill')) {
      return `${symbol} is not on the board: its last stored samples are backfill, which goes to history only; ${universe}.`;
    }
    return `${symbol} left the board: its last stored sample is ${formatAge(serverTime - newest.ts)} old and ${universe}.`;
  }
  const age = formatAge(serverTime - board.ts);
  if (last?.failure) {
    const failure = formatLine(last.failure, LONGEST_FAILURE);
    return last.outcome === 'replace'
      ? `The last sample is on the board but not stored: ${failure}.`
      : `The last sample was not stored: ${failure}. On the board, ${age} old.`;
  }
  if (last === undefined) {
    return `On the board since before this node started or from another node, ${age} old; nothing received here.`;
  }
  if (last.outcome === 'older')
    return `The last sample received was older than what the board holds (${age} old).`;
  if (board.openInterestUsd === null)
    return `On the board, ${age} old, without USD: it was posted without a usable price.`;
  return `On the board, ${age} old.`;
}

/** Each sample on one line: its exchange time, then every step with its delay after the previous one. */
export function renderTrace(report: TraceReport): string {
  const lines = [
    // The sentence about an absent symbol begins with its name.
    report.explanation.startsWith(report.symbol)
      ? report.explanation
      : `${report.symbol}  ${report.explanation}`,
    report.board
      ? `board      ${formatPlain(report.board.openInterest)} contracts, ${report.board.openInterestUsd === null ? UNKNOWN : formatPlain(report.board.openInterestUsd)} USD, ${report.board.source}, every ~${report.board.everySec}s, seq ${report.board.seq}`
      : 'board      absent',
    report.stored === null
      ? 'stored     the database does not answer'
      : `stored     ${report.stored.length === 0 ? 'nothing' : `last ${iso(report.stored[0]!.ts)} ${report.stored[0]!.source} (the newest ${report.stored.length} with ?format=json)`}`,
    'samples    exchange time, then the delay of each step after the previous one',
    ...(report.traces.length === 0
      ? ['  none since this node started']
      : report.traces.map((it) => renderSample(it, report.realtimeEnabled))),
  ];
  return `${lines.join('\n')}\n`;
}

function renderSample(trace: SampleTrace, realtimeEnabled: boolean): string {
  const steps: [string, number | null][] = [
    ['fetched', trace.fetchedAt],
    ['spooled', trace.spooledAt],
    ['received', trace.receivedAt],
    ['merged', trace.mergedAt],
    ['committed', trace.committedAt],
    ['broadcast', trace.broadcastAt],
  ];
  let before = trace.ts;
  const parts = steps.map(([step, at]) => {
    if (at === null) return `${step} ${missing(step, trace, realtimeEnabled)}`;
    // Collectors may send fractions of a millisecond.
    const delayMs = Math.round(at) - Math.round(before);
    before = Math.max(before, at);
    return `${step} ${delayMs < 0 ? '' : '+'}${delayMs}ms`;
  });
  const seq = trace.seq === null ? '' : ` in seq ${trace.seq}`;
  return `  ${iso(trace.ts)} ${trace.source} ${formatPlain(trace.openInterest)}  ${parts.join('  ')}${seq}  request ${trace.requestId}`;
}

function missing(step: string, trace: SampleTrace, realtimeEnabled: boolean): string {
  if (step === 'committed' && trace.failure) return `FAILED (${formatLine(trace.failure, LONGEST_FAILURE)})`;
  if ((step === 'broadcast' || step === 'merged') && trace.outcome !== 'replace')
    return `no (${trace.outcome})`;
  if (step === 'broadcast' && !realtimeEnabled) return 'off (shadow mode)';
  return '—';
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
