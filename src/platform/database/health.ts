import type { Clock } from '../../kit/clock.ts';
import type { Database, PoolState } from './database.ts';
import { findDatabaseFault, type DatabaseFault } from './fault.ts';

/** The state of the database as observed by regular statements. Times are epoch ms of this node's clock. */
export type DatabaseHealth = {
  /** Writes of ingest, alerts, universe, heartbeats and access changes. */
  writes: Outcomes;
  /** The readiness ping, every 2 s on the upkeep pool. */
  ping: Outcomes & { ms: number | null };
  /** How far this node's clock is ahead of the database's, in ms (negative: behind), and the error of that. */
  clock: { aheadMs: number; uncertaintyMs: number; measuredAt: number } | null;
  /** `busySince`: since the ping at which too many began to wait for a connection; `null`: at the last ping few waited. */
  pools: readonly (PoolState & { busySince: number | null })[];
};

type Outcomes = {
  lastOkAt: number | null;
  /** Kept after recovery. */
  lastFailure: (DatabaseFault & { at: number }) | null;
  /** The first of the failures since the last success; `null` after a success. */
  failingSince: number | null;
  /** Failures since the last success. */
  failures: number;
};

export type DatabaseHealthWatch = ReturnType<typeof createDatabaseHealth>;

/** More frequent renewals would load a database that is short of connections. */
const RENEW_EVERY_MS = 5_000;
/** Callers that wait for each connection of a pool before it counts as busy. */
const MANY_PER_CONNECTION = 2;

export function createDatabaseHealth({ clock }: { clock: Clock }) {
  const databases: Database[] = [];
  const busySince = new Map<Database, number>();
  let writes: Outcomes = NO_OUTCOMES;
  let ping: DatabaseHealth['ping'] = { ...NO_OUTCOMES, ms: null };
  let measured: DatabaseHealth['clock'] = null;
  let renewedAt = -Infinity;

  /** After a failover, open connections stay with the old primary, which is now read-only. */
  function renewIfReadOnly(thrown: unknown): void {
    const now = clock.now();
    if (findDatabaseFault(thrown)?.kind !== 'read_only') return;
    if (Math.abs(now - renewedAt) < RENEW_EVERY_MS) return;
    renewedAt = now;
    for (const database of databases) database.renew();
  }

  function observePools(now: number): void {
    for (const database of databases) {
      const { waiting, max } = database.connections();
      if (waiting <= MANY_PER_CONNECTION * max) busySince.delete(database);
      else if (!busySince.has(database)) busySince.set(database, now);
    }
  }

  return {
    health: (): DatabaseHealth => ({
      writes,
      ping,
      clock: measured,
      pools: databases.map((it) => ({ ...it.connections(), busySince: busySince.get(it) ?? null })),
    }),
    /** Call it after each write, with the error or `null`. */
    observeWrite(thrown: unknown): void {
      writes = next(writes, thrown, clock.now());
      renewIfReadOnly(thrown);
    },
    observePing(result: { ms: number; databaseTime: number } | { thrown: unknown }): void {
      const now = clock.now();
      observePools(now);
      if ('thrown' in result) {
        ping = { ...ping, ...next(ping, result.thrown, now) };
        renewIfReadOnly(result.thrown);
        return;
      }
      ping = { ...next(ping, null, now), ms: result.ms };
      // The database reads its clock at an unknown moment of the round trip; half-way minimises the error.
      const aheadMs = Math.round(now - result.ms / 2 - result.databaseTime);
      measured = { aheadMs, uncertaintyMs: Math.ceil(result.ms / 2), measuredAt: now };
    },
    /** Includes a pool in the report. */
    watch: (database: Database): void => void databases.push(database),
  };
}

const NO_OUTCOMES: Outcomes = { lastOkAt: null, lastFailure: null, failingSince: null, failures: 0 };

function next(before: Outcomes, thrown: unknown, at: number): Outcomes {
  const fault = thrown === null ? null : findDatabaseFault(thrown);
  // A healthy database answers, even if it refuses the statement.
  if (fault === null) return { ...before, lastOkAt: at, failingSince: null, failures: 0 };
  return {
    ...before,
    lastFailure: { ...fault, at },
    failingSince: before.failingSince ?? at,
    failures: before.failures + 1,
  };
}
