import type { CollectorHeartbeat } from '../openInterest/operator/collectors/heartbeat.types.ts';

/** How a job is doing, as its collector's heartbeat tells it. */
export type JobStatus = CollectorHeartbeat['jobs'][number];

/** One of the collector's tasks: mark prices, poller, proxy, … */
export type Job = {
  /** Settles when the job is able to work: its port is open, its first run is under way. */
  start(): Promise<void>;
  stop(): Promise<void>;
  status(): JobStatus;
};
