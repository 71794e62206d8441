import pg from 'pg';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { getTypeParser, type Queryable } from './postgres.ts';
import { beginWith, type StatementLimits } from './sessionSettings.ts';

/**
 * A pool whose statements and transactions run with our settings. It works behind a pooler in transaction mode, because no
 * state of a connection outlives its transaction.
 */
export type Database = Queryable & {
  readonly name: string;
  /** Runs `work` in a transaction: commits it if it resolves, rolls it back if it rejects. */
  transaction<Result>(work: (db: Queryable) => Promise<Result>): Promise<Result>;
  /** Replaces every connection before its next use, after the server has changed its role. */
  renew(): void;
  connections(): PoolState;
  end(): Promise<void>;
};

export type PoolState = { name: string; max: number; open: number; idle: number; waiting: number };

/** `connectMs`: how long a caller waits for a connection. */
type DatabaseLimits = StatementLimits & { connectMs: number };

export type DatabaseOptions = {
  url: string;
  /** The pool's name in metrics and reports. */
  name?: string;
  max?: number;
  limits?: Partial<DatabaseLimits>;
  logger: Logger;
  /** Called after each statement or transaction, with its error or `null`. */
  onOutcome?: (thrown: unknown) => void;
};

/** Ingest must be answered within 5 s whatever the database does: 1 s for a connection and 3 s for the statement. */
const LIMITS: DatabaseLimits = { connectMs: 1_000, statementMs: 2_500, lockMs: 1_000, answerMs: 3_000 };

export function createDatabase(options: DatabaseOptions): Database {
  const { name = 'default', max = 10, logger, onOutcome = () => undefined } = options;
  const limits = { ...LIMITS, ...options.limits };
  const begin = beginWith(limits);
  const pool = openPool(options.url, max, limits, logger);
  let renewals = 0;
  const renewalOf = new WeakMap<pg.PoolClient, number>();
  pool.on('connect', (client) => renewalOf.set(client, renewals));

  async function connect(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await pool.connect();
      if (renewalOf.get(client) === renewals) return client;
      client.release(true);
    }
  }

  /** Discards the connection after an error, because the state of the session, and often of its server, is unknown. */
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
        // Pipelined: begin and commit cost no extra round trip.
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

function openPool(
  url: string,
  max: number,
  { connectMs, answerMs }: DatabaseLimits,
  logger: Logger,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    // One of the few startup parameters that all poolers accept.
    application_name: 'open-interest',
    pipeline: true,
    types: { getTypeParser },
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
    // Longer than a poller's interval, so that a sweep finds its connections open.
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    // After a failover no connection stays with the old server for longer than this.
    maxLifetimeSeconds: 1_800,
  });
  // The pool emits `error` for a broken idle connection. Without a listener, a restart of the database would end the process.
  pool.on('error', (err) => logger.debug({ err }, 'idle postgres connection dropped from the pool'));
  // The pool does not listen to checked-out clients, or to any while it ends, so each client needs a listener too.
  pool.on('connect', (client) => {
    client.on('error', (err) => {
      if (!pool.ending) logger.warn({ err }, 'postgres connection lost');
    });
  });
  return pool;
}
