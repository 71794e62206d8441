import { formatAge, formatLine, formatMoment, formatPlain, UNKNOWN } from '../../../kit/format.shared.ts';
import type { SampleTrace } from './traces.ts';
import type { BoardRow, Sample } from '../../openInterest.types.ts';

/** What is known of one symbol, for an operator who asks why it is not there. */
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
  lives: readonly SampleTrace[];
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
  const { symbol, inUniverse, board, lives, stored, serverTime } = facts;
  const last = lives[0];
  const universe = inUniverse ? 'it is in the liquid universe' : 'it is not in the liquid universe';
  if (board === null) {
    if (stored === null)
      return `${symbol} is not on the board and the database does not answer; ${universe}.`;
    const newest = stored[0];
    if (!newest) {
      return inUniverse
        ? `${symbol} has never been received; ${universe}, so its poller does not post it or posts another name.`
        : `${symbol} has never been received and ${universe}: nobody polls it.`;
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

/** Each sample's life on one line: its exchange time, then every stage with its delay after the one before. */
export function renderTrace(report: TraceReport): string {
  const lines = [
    // Of a symbol that is absent the sentence speaks by name.
    report.explanation.startsWith(report.symbol)
      ? report.explanation
      : `${report.symbol}  ${report.explanation}`,
    report.board
      ? `board      ${formatPlain(report.board.openInterest)} contracts, ${report.board.openInterestUsd === null ? UNKNOWN : formatPlain(report.board.openInterestUsd)} USD, ${report.board.source}, every ~${report.board.everySec}s, seq ${report.board.seq}`
      : 'board      absent',
    report.stored === null
      ? 'stored     the database does not answer'
      : `stored     ${report.stored.length === 0 ? 'nothing' : `last ${iso(report.stored[0]!.ts)} ${report.stored[0]!.source} (the newest ${report.stored.length} with ?format=json)`}`,
    'lives      exchange time, then the delay of each stage after the one before',
    ...(report.lives.length === 0
      ? ['  none since this node started']
      : report.lives.map((life) => renderLife(life, report.realtimeEnabled))),
  ];
  return `${lines.join('\n')}\n`;
}

function renderLife(life: SampleTrace, realtimeEnabled: boolean): string {
  const stages: [string, number | null][] = [
    ['fetched', life.fetchedAt],
    ['spooled', life.spooledAt],
    ['received', life.receivedAt],
    ['merged', life.mergedAt],
    ['committed', life.committedAt],
    ['broadcast', life.broadcastAt],
  ];
  let before = life.ts;
  const parts = stages.map(([stage, at]) => {
    if (at === null) return `${stage} ${missing(stage, life, realtimeEnabled)}`;
    // Collectors may send parts of a millisecond.
    const delayMs = Math.round(at) - Math.round(before);
    before = Math.max(before, at);
    return `${stage} ${delayMs < 0 ? '' : '+'}${delayMs}ms`;
  });
  const seq = life.seq === null ? '' : ` in seq ${life.seq}`;
  return `  ${iso(life.ts)} ${life.source} ${formatPlain(life.openInterest)}  ${parts.join('  ')}${seq}  request ${life.requestId}`;
}

function missing(stage: string, life: SampleTrace, realtimeEnabled: boolean): string {
  if (stage === 'committed' && life.failure) return `FAILED (${formatLine(life.failure, LONGEST_FAILURE)})`;
  if ((stage === 'broadcast' || stage === 'merged') && life.outcome !== 'replace')
    return `no (${life.outcome})`;
  if (stage === 'broadcast' && !realtimeEnabled) return 'off (shadow mode)';
  return '—';
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
