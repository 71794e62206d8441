import type { RigPlan } from '../rig.ts';

/** Everything that can be there: the collector at a simulated exchange, Postgres behind a proxy, Redis. */
export const WHOLE: RigPlan = { database: 'external', redis: true, sender: 'collector' };

/** The smallest: the server brings its database, a poller of the original's kind posts. */
export const EMBEDDED: RigPlan = { database: 'embedded', sender: 'poster' };

/** A poller of the original's kind, and a database of its own; a limit that a slow machine reaches as well. */
export const POSTED: RigPlan = {
  database: 'external',
  sender: 'poster',
  server: { INGEST_RATE_LIMIT_PER_MIN: '120' },
};

/** As the first, on disks that can be filled. */
export const SMALL_DISKS: RigPlan = { database: 'external', sender: 'collector', smallDisks: true };
