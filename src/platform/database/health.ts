import type { Clock } from '../../kit/clock.ts';
import type { Database, PoolState } from './database.ts';
import { findDatabaseFault, type DatabaseFault } from './fault.ts';

/** How the database fares, judged by what was really asked of it. Times are epoch ms of this node's clock. */
export type DatabaseHealth = {
  /** Writes of ingest, alerts, universe, heartbeats and access changes. */
  writes: Outcomes;
  /** The question that readiness asks every 2 s, on connections of its own. */
  ping: Outcomes & { ms: number | null };
  /** What this node's clock is ahead of the database's, in ms (negative: behind), and how far that may be off. */
  clock: { aheadMs: number; uncertaintyMs: number; measuredAt: number } | null;
  pools: readonly PoolState[];
};

type Outcomes = {
  lastOkAt: number | null;
  /** The last failure, also when it is over. */
  lastFailure: (DatabaseFault & { at: number }) | null;
  /** Since when every attempt has failed; `null` while the last one succeeded. */
  failingSince: number | null;
  /** Failures since the last success. */
  failures: number;
};

export type DatabaseHealthWatch = {
  health(): DatabaseHealth;
  /** To be called after each write, with what was thrown or `null`. */
  observeWrite(thrown: unknown): void;
  observePing(result: { ms: number; databaseTime: number } | { thrown: unknown }): void;
  /** Includes a pool in the report. */
  watch(database: Database): void;
};

/** What is renewed too often keeps a database busy that has little room. */
const RENEW_EVERY_MS = 5_000;

export function createDatabaseHealth({ clock }: { clock: Clock }): DatabaseHealthWatch {
  const databases: Database[] = [];
  let writes: Outcomes = NOTHING_YET;
  let ping: DatabaseHealth['ping'] = { ...NOTHING_YET, ms: null };
  let measured: DatabaseHealth['clock'] = null;
  let renewedAt = -Infinity;

  /** Connections that were open before a failover stay with a server that no longer writes. */
  function renewIfReadOnly(thrown: unknown): void {
    const now = clock.now();
    if (findDatabaseFault(thrown)?.kind !== 'read_only') return;
    if (Math.abs(now - renewedAt) < RENEW_EVERY_MS) return;
    renewedAt = now;
    for (const database of databases) database.renew();
  }

  return {
    health: () => ({ writes, ping, clock: measured, pools: databases.map((it) => it.connections()) }),
    observeWrite(thrown) {
      writes = next(writes, thrown, clock.now());
      renewIfReadOnly(thrown);
    },
    observePing(result) {
      const now = clock.now();
      if ('thrown' in result) {
        ping = { ...ping, ...next(ping, result.thrown, now) };
        renewIfReadOnly(result.thrown);
        return;
      }
      ping = { ...next(ping, null, now), ms: result.ms };
      // The database read its clock somewhere between question and answer.
      const aheadMs = Math.round(now - result.ms / 2 - result.databaseTime);
      measured = { aheadMs, uncertaintyMs: Math.ceil(result.ms / 2), measuredAt: now };
    },
    watch: (database) => void databases.push(database),
  };
}

const NOTHING_YET: Outcomes = { lastOkAt: null, lastFailure: null, failingSince: null, failures: 0 };

function next(held: Outcomes, thrown: unknown, at: number): Outcomes {
  const fault = thrown === null ? null : findDatabaseFault(thrown);
  // A statement that was refused for what is in it was answered by a database that is well.
  if (fault === null) return { ...held, lastOkAt: at, failingSince: null, failures: 0 };
  return {
    ...held,
    lastFailure: { ...fault, at },
    failingSince: held.failingSince ?? at,
    failures: held.failures + 1,
  };
}
