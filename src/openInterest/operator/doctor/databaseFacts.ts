import { SECOND_MS } from '../../../kit/clock.ts';
import {
  selectBlockingLocks,
  selectConnectionUsage,
  type ConnectionUsage,
  type TableLock,
} from '../../../platform/database/activity.ts';
import type { Queryable } from '../../../platform/database/postgres.ts';
import type { OperatorContext } from '../operator.context.ts';
import { selectTableLocks } from '../debug/debug.repository.ts';
import { describeStoreFault, type StoreFault } from '../recorder/storeOutcome.ts';

/** What doctor judges the database by: the outcome of real statements. */
export type DatabaseFacts = {
  kind: 'embedded' | 'external';
  pingMs: number | null;
  /** Why it did not answer. */
  fault: StoreFault | null;
  /** Why the last write failed; `null`: it did not. */
  writeFault: StoreFault | null;
  /** The session that blocks writes to a table; only queried while writes take too long. */
  lock: TableLock | null;
  /** Only queried while no connection is left; `null`: not known. */
  usage: ConnectionUsage | null;
  /** The pool of this node in which most have waited for a connection for a while; `null`: in none. */
  busyPool: { name: string; max: number; waiting: number } | null;
};

/** Upkeep begins several tasks at once, which wait for each other for a moment. */
const BUSY_FOR_MS = 4 * SECOND_MS;

const WAITS: ReadonlySet<StoreFault['kind']> = new Set([
  'lock_timeout',
  'statement_timeout',
  'no_answer',
  'conflict',
]);

const OVER_WITH_PING: ReadonlySet<StoreFault['kind']> = new Set([
  'read_only',
  'no_connection',
  'shutting_down',
  'starting_up',
]);

export async function gatherDatabaseFacts({
  clock,
  db,
  stores,
  recorder,
}: OperatorContext): Promise<DatabaseFacts> {
  const { writes, pools, ping: regular } = stores.watch.health();
  const ping = await pingDatabase(db);
  const stored = recorder.storeOutcome.fault();
  // The next chunk may be half a minute away, and the ping of every two seconds shows that these faults are over.
  const isOver = stored !== null && OVER_WITH_PING.has(stored.kind) && (regular.lastOkAt ?? 0) > stored.at;
  const written = writes.failingSince === null ? null : writes.lastFailure;
  const writeFault = isOver ? null : (stored ?? written);
  const kinds = [ping.fault?.kind, writeFault?.kind].filter((it) => it !== undefined);
  const now = clock.now();
  const busy = pools.filter((it) => it.busySince !== null && now - it.busySince >= BUSY_FOR_MS);
  return {
    kind: stores.kind,
    ...ping,
    writeFault,
    lock: kinds.some((it) => WAITS.has(it)) ? await selectOptionalLock(db) : null,
    usage: kinds.includes('too_many_connections') ? await selectConnectionUsage(db).catch(() => null) : null,
    busyPool: busy.toSorted((a, b) => b.waiting - a.waiting)[0] ?? null,
  };
}

/** The lock that a statement waits for now, else one that a write would wait for. */
async function selectOptionalLock(db: Queryable): Promise<TableLock | null> {
  try {
    const [waitedFor] = await selectBlockingLocks(db);
    return waitedFor ?? (await selectTableLocks(db))[0] ?? null;
  } catch {
    // The ping shows the fault of a database that refuses even this query.
    return null;
  }
}

async function pingDatabase(db: Queryable): Promise<Pick<DatabaseFacts, 'pingMs' | 'fault'>> {
  const startedAt = performance.now();
  try {
    await db.query('select 1');
    return { pingMs: Math.round((performance.now() - startedAt) * 10) / 10, fault: null };
  } catch (thrown) {
    return { pingMs: null, fault: describeStoreFault(thrown) };
  }
}
