import type { ReportedJob as JobStatus } from '../openInterest/operator/collectors/heartbeat.types.ts';

/** A job's state in its collector's heartbeat. */
export type { JobStatus };

/** One task of a collector: mark prices, poller, proxy, … */
export type Job = {
  /** Settles when the job works: its port is open, its first run has started. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): JobStatus;
};
