import { commandLine } from '../kit/commands.ts';
import { UsageError } from '../kit/program.ts';

/**
 * The jobs of a collector. One process usually runs all of them; several processes can share them by name.
 * - `mark-prices`: follows the exchange's price stream, for the other jobs and, by its state file, for other programs
 * - `funding-api`: serves those prices on loopback
 * - `proxy`: serves the exchange's list of contracts to web pages
 * - `liquid-universe`: decides which symbols are polled
 * - `poller`: polls them, and detects spikes and dumps
 * - `backfill`: fills gaps of the poller from the exchange's history
 * - `positioning`: reads what traders hold of the symbols that users look at, and follows the forced orders
 * - `snapshots`: reads the other symbols every few minutes; runs only when it is named
 */
export const JOB_NAMES = [
  'mark-prices',
  'funding-api',
  'proxy',
  'liquid-universe',
  'poller',
  'backfill',
  'positioning',
  'snapshots',
] as const;
export type JobName = (typeof JOB_NAMES)[number];

export const DEFAULT_JOBS: readonly JobName[] = JOB_NAMES.filter((it) => it !== 'snapshots');

/** These post to our server and need a key. */
const POSTING: ReadonlySet<JobName> = new Set([
  'liquid-universe',
  'poller',
  'backfill',
  'positioning',
  'snapshots',
]);

export function postsAnything(jobs: readonly JobName[]): boolean {
  return jobs.some((it) => POSTING.has(it));
}

/** The named jobs, or the default ones. */
export function parseJobs(names: readonly string[], once: boolean): readonly JobName[] {
  const unknown = names.filter((it) => !isJobName(it));
  if (unknown.length > 0) {
    throw new UsageError(
      `There is no job ${unknown.join(', ')}. Jobs: ${JOB_NAMES.join(', ')}. Without any, all but snapshots run.`,
    );
  }
  const jobs = names.length === 0 ? DEFAULT_JOBS : names.filter(isJobName);
  if (once && (jobs.length !== 1 || jobs[0] !== 'liquid-universe')) {
    throw new UsageError(
      `--once is for the job liquid-universe alone: ${commandLine('collector', ['liquid-universe', '--once'])}`,
    );
  }
  return jobs;
}

function isJobName(name: string): name is JobName {
  return (JOB_NAMES as readonly string[]).includes(name);
}
