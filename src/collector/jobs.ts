import { commandLine } from '../kit/commands.ts';
import { UsageError } from '../kit/program.ts';

/**
 * What a collector can be told to do. One process usually does it all; the names are for those who spread it over several.
 * - `mark-prices`: holds the exchange's price stream, for the others here and, by its state file, for other programs
 * - `funding-api`: serves those prices on loopback
 * - `proxy`: serves the exchange's list of contracts to web pages
 * - `liquid-universe`: decides who is polled
 * - `poller`: polls them, and tells spikes and dumps
 * - `backfill`: fills what the poller has missed
 * - `snapshots`: reads everybody else now and then; off unless it is named
 */
export const JOB_NAMES = [
  'mark-prices',
  'funding-api',
  'proxy',
  'liquid-universe',
  'poller',
  'backfill',
  'snapshots',
] as const;
export type JobName = (typeof JOB_NAMES)[number];

export const DEFAULT_JOBS: readonly JobName[] = JOB_NAMES.filter((it) => it !== 'snapshots');

/** They talk to our server and need a key. */
const POSTING: ReadonlySet<JobName> = new Set(['liquid-universe', 'poller', 'backfill', 'snapshots']);

export function postsAnything(jobs: readonly JobName[]): boolean {
  return jobs.some((it) => POSTING.has(it));
}

/** The jobs that are named, or the usual ones. */
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
