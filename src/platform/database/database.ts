import pg from 'pg';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { getTypeParser, type Queryable } from './postgres.ts';
import { beginWith, type StatementLimits } from './sessionSettings.ts';

/**
 * A pool for statements and transactions that run with our settings. Works behind a pooler in transaction mode: nothing
 * of a connection outlives its transaction.
 */
export type Database = Queryable & {
  readonly name: string;
  /** All of `work`, or none of it. */
  transaction<Result>(work: (db: Queryable) => Promise<Result>): Promise<Result>;
  /** Replaces every connection before its next use: the server behind it has changed its role. */
  renew(): void;
  connections(): PoolState;
  end(): Promise<void>;
};

export type PoolState = { name: string; max: number; open: number; idle: number; waiting: number };

export type DatabaseOptions = {
  url: string;
  /** Names the pool in metrics and reports. */
  name?: string;
  max?: number;
  limits?: Partial<StatementLimits>;
  logger: Logger;
  /** Called after each statement or transaction, with what was thrown or `null`. */
  onOutcome?: (thrown: unknown) => void;
};

/** An ingest has to be answered within 5 s whatever the database does: 1 s for a connection, then 3 s for the answer. */
const CONNECT_MS = 1_000;
const LIMITS: StatementLimits = { statementMs: 2_500, lockMs: 1_000, answerMs: 3_000 };

export function createDatabase(options: DatabaseOptions): Database {
  const { name = 'default', max = 10, logger, onOutcome = () => undefined } = options;
  const limits = { ...LIMITS, ...options.limits };
  const begin = beginWith(limits);
  const pool = openPool(options.url, max, limits, logger);
  let renewals = 0;
  const bornAt = new WeakMap<pg.PoolClient, number>();
  pool.on('connect', (client) => bornAt.set(client, renewals));

  async function connect(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await pool.connect();
      if (bornAt.get(client) === renewals) return client;
      client.release(true);
    }
  }

  /** On a fault the connection is thrown away: its state, and often its server, cannot be trusted any more. */
  async function use<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    try {
      const client = await connect();
      try {
        const result = await work(client);
        client.release();
        onOutcome(null);
        return result;
      } catch (thrown) {
        client.release(coerceError(thrown));
        throw thrown;
      }
    } catch (thrown) {
      onOutcome(thrown);
      throw thrown;
    }
  }

  return {
    name,
    query: (sql, params) =>
      use(async (client) => {
        // Sent together and answered in order: the frame around the statement costs no round trip.
        const sent = [client.query(begin), client.query(sql, params), client.query('commit')] as const;
        const failed = (await Promise.allSettled(sent)).find((it) => it.status === 'rejected');
        if (failed) throw failed.reason;
        return sent[1];
      }),
    transaction: (work) =>
      use(async (client) => {
        await client.query(begin);
        const result = await work(client);
        await client.query('commit');
        return result;
      }),
    renew() {
      renewals += 1;
    },
    connections: () => ({
      name,
      max,
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    end: () => pool.end(),
  };
}

function openPool(url: string, max: number, { answerMs }: StatementLimits, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    // One of the few startup parameters that every pooler accepts.
    application_name: 'open-interest',
    pipeline: true,
    types: { getTypeParser },
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: answerMs,
    keepAlive: true,
    // Connections are renewed, so that after a failover none stays with the old server for good.
    maxLifetimeSeconds: 1_800,
  });
  // A connection that breaks while it is idle is reported by the pool, and an `error` event without a listener ends the
  // process: a restart of the database would end the server with it.
  pool.on('error', (err) => logger.debug({ err }, 'idle postgres connection dropped from the pool'));
  // While a connection is checked out, or while the pool is ending, the pool does not listen: the client itself needs a
  // listener. The pool replaces the connection.
  pool.on('connect', (client) => {
    client.on('error', (err) => {
      if (!pool.ending) logger.warn({ err }, 'postgres connection lost');
    });
  });
  return pool;
}
