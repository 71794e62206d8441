import {
  formatAge,
  formatCount,
  formatCountOf,
  formatDecimal,
  formatEvery,
  formatShare,
} from '../../kit/format.shared.ts';
import type {
  BeatCell,
  CollectorJobView,
  CollectorView,
  CollectorWord,
  DebugBody,
  WeightView,
} from '../../openInterest/operator/debug/debug.types.ts';

export const TONE_ICONS = { good: 'dot', neutral: 'ring', warn: 'warn', error: 'cross' } as const;

/** Texts of the operator's page. `clock` formats a time of day. */
export type Clock = (at: number) => string;

export const COLLECTOR_WORDS: Readonly<
  Record<CollectorWord, { word: string; tone: 'good' | 'neutral' | 'warn' | 'error' }>
> = {
  up: { word: 'Up', tone: 'good' },
  slow: { word: 'Slow', tone: 'warn' },
  down: { word: 'Down', tone: 'error' },
  paused: { word: 'Paused', tone: 'neutral' },
  never: { word: 'Never seen', tone: 'neutral' },
};

/** Of one cell: `14:02:30 · 342/343 · 1 timeout`. */
export function describeCell({ at, outcome, ok, failed, note }: BeatCell, clock: Clock): string {
  const count = ok === undefined ? null : failed === undefined ? formatCount(ok) : `${ok}/${ok + failed}`;
  const word = outcome === 'ok' ? null : OUTCOMES[outcome];
  return [clock(at), word, count, note].filter((it) => it !== null && it !== undefined).join(' · ');
}

const OUTCOMES = { trouble: 'trouble', paused: 'paused', missed: 'no beat' } as const;

/** Describes a bar for screen readers: `57 of 60 ok, 2 missed, 1 in trouble`. */
export function describeCells(cells: readonly BeatCell[]): string {
  if (cells.length === 0) return 'no beats yet';
  const count = (outcome: BeatCell['outcome']) => cells.filter((it) => it.outcome === outcome).length;
  const rest = [
    [count('missed'), 'missed'],
    [count('trouble'), 'in trouble'],
    [count('paused'), 'paused'],
  ] as const;
  const others = rest.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`);
  return [`${count('ok')} of ${cells.length} ok`, ...others].join(', ');
}

/** `1,060 / 2,400`, and how near that is to its marks. */
export function describeWeight(weight: WeightView, now: number) {
  const budget = weight.budget ?? weight.limit;
  const banned = weight.bannedUntil !== null && weight.bannedUntil > now;
  return {
    text: `${formatCount(weight.used)} / ${formatCount(weight.limit)}`,
    ofLimit: `${formatShare(weight.used, weight.limit)} of limit`,
    ofBudget:
      weight.budget === null
        ? null
        : `${formatShare(weight.used, weight.budget)} of budget ${formatCount(weight.budget)}`,
    tone: banned || weight.used >= weight.limit ? 'error' : weight.used > budget ? 'warn' : 'plain',
    ban: banned ? `Banned, ${formatAge(weight.bannedUntil! - now)} left` : null,
    refusals: describeRefusals(weight),
  } as const;
}

function describeRefusals({ status429, status418 }: WeightView): string | null {
  if (status429 === null && status418 === null) return null;
  return `429: ${formatCount(status429 ?? 0)} · 418: ${formatCount(status418 ?? 0)}`;
}

/** What is notable of a collector: a ban, what waits to be sent, what it says itself. */
export function noteOf(collector: CollectorView, now: number): string {
  const { bannedUntil, spool, note } = collector;
  const failed = collector.jobs.reduce((sum, job) => sum + (job.failed ?? 0), 0);
  const notes = [
    bannedUntil !== null && bannedUntil > now ? `banned, ${formatAge(bannedUntil - now)} left` : null,
    spool && spool.chunks > 0 ? `${formatCountOf(spool.chunks, 'chunk')} spooled` : null,
    spool && spool.dropped > 0 ? `${formatCount(spool.dropped)} dropped` : null,
    spool && (spool.deadLetters ?? 0) > 0 ? `${formatCount(spool.deadLetters!)} refused for good` : null,
    failed > 0 ? `${formatCount(failed)} failed` : null,
    note,
  ];
  return notes.filter((it) => it !== null).join(' · ');
}

/** `342/343 ok`; `null` for a job that counts nothing. */
export function countOf({ ok, failed }: Pick<CollectorJobView, 'ok' | 'failed'>): string | null {
  const total = (ok ?? 0) + (failed ?? 0);
  return ok === null || total === 0 ? null : `${formatCount(ok)}/${formatCount(total)} ok`;
}

/** How often a job runs; some have no interval and run on request. `null`: the job does not report its runs. */
export function paceOf(job: CollectorJobView): string | null {
  if (job.everySec !== null) return formatEvery(job.everySec);
  return job.lastRunAt === null && hasCounted(job) ? null : 'as needed';
}

/** How long ago a job ran; `null`: it does not report when. */
export function lastRunOf(job: CollectorJobView, now: number): string | null {
  if (job.lastRunAt !== null) return formatAge(now - job.lastRunAt);
  return hasCounted(job) ? null : 'not yet';
}

function hasCounted({ ok, failed }: CollectorJobView): boolean {
  return (ok ?? 0) + (failed ?? 0) > 0;
}

export function isTroubled(collector: CollectorView): boolean {
  const bad = (state: CollectorWord) => state !== 'up' && state !== 'paused';
  return bad(collector.state) || collector.jobs.some((job) => bad(job.state));
}

/** `Redis 0.4 ms`, `not configured`, `no answer` */
export function describePing(ping: { configured?: boolean; pingMs: number | null }): string {
  if (ping.configured === false) return 'not configured';
  return ping.pingMs === null ? 'no answer' : `${formatDecimal(ping.pingMs, 0)} ms`;
}

export function describeErrors({ errors, requests }: DebugBody['rates']['last5Min']): string {
  return `${formatCount(errors)} of ${formatCountOf(requests, 'request')}`;
}
