import { formatAge, formatCount } from '../../../kit/format.shared.ts';
import type { StageState } from './verdict.ts';
import type { CollectorState } from '../collectors/heartbeats.ts';
import type { CollectorHeartbeat, ReportedError, ReportedJob } from '../collectors/heartbeat.types.ts';

/** `503 -1008: the exchange is overloaded, 340 times in a minute` */
export function describeReportedError({ status, code, text, count }: ReportedError): string {
  // The text of a network fault has its name already, as in `connect ECONNREFUSED 127.0.0.1:80`.
  const isNamed = code?.startsWith('E') && text.includes(code);
  const answer = [status, isNamed ? null : code].filter((it) => it !== null && it !== undefined).join(' ');
  const times = count > 1 ? `, ${formatCount(count)} times in a minute` : '';
  return `${answer === '' ? '' : `${answer}: `}${text}${times}`;
}

/** Why jobs may not send, for how long, and what to do. `reason`: one of `BLOCKED_BY`, or a word of another build. */
export function describeBlock(
  reason: string,
  jobs: readonly ReportedJob[],
  collector: CollectorState,
): { says: string; next: string; state: StageState } {
  const error = jobs.find((job) => job.lastError)?.lastError ?? null;
  const names = jobs.map((job) => job.name).join(', ');
  const until = Math.max(...jobs.map((job) => job.waitsUntil ?? 0));
  const leftMs = until === 0 ? 0 : remainingMs(until, collector);
  const waits = `${names} ${jobs.length === 1 ? 'waits' : 'wait'}${leftMs > 0 ? ` ${formatAge(leftMs)} more` : ''}`;
  const code = error ? ` (${describeReportedError(error)})` : '';
  const isDown = jobs.some((job) => job.state !== 'slow');
  const state: StageState = isDown ? 'BROKEN' : 'DEGRADED';
  switch (reason) {
    case 'exchange_address':
      return {
        says: `the exchange blocks this address${code}; ${waits}`,
        next: 'run the collector on an address that the exchange serves: another region or provider, or HTTPS_PROXY',
        state: 'BROKEN',
      };
    case 'exchange_ban':
      return {
        says: `the exchange has banned this address${code}; ${waits}`,
        next: 'wait; it resumes automatically. Lower OI_MAX_REQ_PER_MIN if it happens again',
        state: 'BROKEN',
      };
    case 'exchange_limit':
      return {
        says: `the exchange answers 429, this address sent too many requests${code}; ${waits}`,
        next: 'wait; lower OI_MAX_REQ_PER_MIN, or stop other programs on this address, if it happens again',
        state,
      };
    case 'exchange_weight':
      return {
        says: `other programs use up the request weight of this address: ${describeUse(collector)}; ${waits}`,
        next: 'stop the other programs on this address, or run the collector on another address',
        state,
      };
    case 'universe':
      return { says: `${names} has no symbols to poll`, next: 'see universe', state: 'WAITING' };
    default:
      return { says: `${waits}: ${reason}${code}`, next: 'read the log of the collector', state };
  }
}

/** Below this share of the limit, other programs do not keep a collector from its requests. */
const NOTABLE_SHARE = 0.25;

/**
 * What keeps the job from working; `null`: nothing known. A request also waits for weight while earlier ones are unanswered,
 * so `exchange_weight` counts only where other programs use a notable share, or where the collector does not report it.
 */
export function blockOf(job: ReportedJob, weight: CollectorHeartbeat['weight']): string | null {
  if (!job.blockedBy) return null;
  if (job.blockedBy !== 'exchange_weight' || !weight) return job.blockedBy;
  return splitUse(weight).others < weight.limit * NOTABLE_SHARE ? null : job.blockedBy;
}

function splitUse(weight: NonNullable<CollectorHeartbeat['weight']>): { ours: number; others: number } {
  const others = weight.others ?? weight.used - (weight.ours ?? 0);
  return { ours: weight.ours ?? weight.used - others, others };
}

function describeUse({ heartbeat: { weight } }: CollectorState): string {
  if (!weight) return 'not reported';
  const { ours, others } = splitUse(weight);
  return `ours ${formatCount(ours)}, others ${formatCount(others)} of ${formatCount(weight.limit)}`;
}

/** `until` is by the collector's clock, as is the time of its heartbeat. */
function remainingMs(until: number, { heartbeat, receivedAt, ageSec }: CollectorState): number {
  return until - (heartbeat.sentAt ?? receivedAt) - ageSec * 1_000;
}
