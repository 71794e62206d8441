import { POLLER } from '../collectors/collectorViews.ts';
import type { CollectorHeartbeat, ReportedError, ReportedJob } from '../collectors/heartbeat.types.ts';
import { describeReportedError } from './collectorBlock.ts';
import type { Verdict } from './verdict.ts';

/** One thing that is wrong with a collector. */
export type Trouble = Pick<Verdict, 'state' | 'minor' | 'brief'> & {
  /** What is added to the collector's finding; empty: the finding shows it already. */
  says: string;
  next: string;
};

/** The clocks line says whose clock is wrong. */
const WRONG_CLOCK = /^the clock of this machine is /;
/** Paths of this server, which the exchange has none of. */
const OF_THIS_SERVER = /(?<!\w)\/api\//;
const READ_LOG = 'read the log of the collector';

/** `paused` is a job with nothing to do, but pollers of other builds also pause when they may not send. */
export function isTroubled(job: ReportedJob): boolean {
  if (job.state === 'slow' || job.state === 'down') return true;
  return job.state === 'paused' && (Boolean(job.blockedBy) || (POLLER.test(job.name) && Boolean(job.note)));
}

/** A poller that reads nothing is broken; samples flow in spite of every other trouble. */
export function findJobTroubles(
  jobs: readonly ReportedJob[],
  { collector, jobs: all }: Pick<CollectorHeartbeat, 'collector' | 'jobs'>,
): Trouble[] {
  // A job whose requests have not failed yet waits for the same exchange as the others.
  const anyError = all.find((job) => job.lastError)?.lastError ?? null;
  return jobs.map((job) => {
    const reason = describeReason(job);
    const says = `${job.name} ${job.state}${reason === '' ? '' : ` (${reason})`}`;
    const isPoller = POLLER.test(job.name);
    const readsNothing = job.state === 'down' || (job.state === 'paused' && job.ok === 0);
    const isClock = WRONG_CLOCK.test(job.note ?? '');
    return {
      says,
      brief: describeBriefly(job, collector),
      state: isPoller && readsNothing && !isClock ? 'BROKEN' : 'DEGRADED',
      next: isClock ? 'see clocks' : remedyOf(job, job.lastError ?? anyError),
      ...(isPoller && !isClock ? {} : { minor: true as const }),
    };
  });
}

function describeBriefly({ name, state, lastError }: ReportedJob, collector: string): string {
  return `${name} of ${collector} is ${state}${lastError ? `: ${describeReportedError(lastError)}` : ''}`;
}

/** Enough of an error's text to find it in a note, which may be cut. */
const QUOTED_CHARACTERS = 40;

/** The job's note and its last error, once each: many notes end with the text of that error. */
export function describeReason({ note = '', lastError }: Pick<ReportedJob, 'note' | 'lastError'>): string {
  if (!lastError) return note;
  const quotedAt = note.indexOf(lastError.text.slice(0, QUOTED_CHARACTERS));
  const own = quotedAt < 0 ? note : note.slice(0, quotedAt).replace(/[\s:;]+$/, '');
  return [own, describeReportedError(lastError)].filter(Boolean).join('; ');
}

function remedyOf({ name, note = '' }: ReportedJob, error: ReportedError | null): string {
  const about = `${error?.code} ${error?.text} ${note}`;
  if (/ENOSPC|SQLITE_FULL|disk is full/i.test(about)) {
    return 'free space on the disk of COLLECTOR_STATE_DIR, on the machine of the collector';
  }
  if (/price|funding/i.test(name)) return `check its BINANCE_WS_URL and the price stream; ${READ_LOG}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(about)) return 'check its BINANCE_REST_URL and the DNS of its machine';
  if (OF_THIS_SERVER.test(about)) {
    return `wait a minute if this server has just started, else check VOLSPIKE_API_URL of the collector; ${READ_LOG}`;
  }
  return error ? `ask the exchange from the machine of the collector; ${READ_LOG}` : READ_LOG;
}
