import type { Database } from './database.ts';
import type { DatabaseHealthWatch } from './health.ts';

/** Connections to Postgres by what they are for, so that none of the three can starve another. */
export type Stores = {
  /** What pollers and operators send, and must be answered. */
  write: Database;
  /** What people ask: history, samples, alerts. */
  read: Database;
  /** Readiness, repair, maintenance and doctor. */
  upkeep: Database;
  watch: DatabaseHealthWatch;
  kind: 'embedded' | 'external';
};
