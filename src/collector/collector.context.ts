import type { Clock } from '../kit/clock.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import type { Logger } from '../kit/logger.ts';
import type { CollectorConfig } from './config.ts';
import type { JobName } from './jobs.ts';
import type { Outbound } from './outbound/outbound.ts';

/** What every part of a collector is built from. */
export type CollectorContext = {
  config: CollectorConfig;
  clock: Clock;
  logger: Logger;
  releasers: Releasers;
  outbound: Outbound;
  /** True when one of these jobs runs in this process. */
  runs: (...jobs: JobName[]) => boolean;
};
