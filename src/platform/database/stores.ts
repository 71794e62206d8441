import type { Database } from './database.ts';
import type { DatabaseHealthWatch } from './health.ts';

/** Separate pools, so that no kind of work can starve another. */
export type Stores = {
  /** Ingest and other changes by pollers and operators. */
  write: Database;
  /** History, samples and alerts for users. */
  read: Database;
  /** Readiness, repair, maintenance and doctor. May be the same pool as `write`. */
  upkeep: Database;
  /** The address, for a thread that opens connections of its own. */
  url: string;
  watch: DatabaseHealthWatch;
  kind: 'embedded' | 'external';
};
