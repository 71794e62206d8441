import pg from 'pg';
import { runMigrations } from '../../src/platform/database/migrations.ts';
import { startFaultProxy, type FaultProxy } from '../support/faultProxy.ts';
import { startPrivatePostgres, type PrivatePostgres } from '../support/postgres.ts';

export type RigDatabase = {
  postgres: PrivatePostgres;
  /** Between the server and its database. */
  proxy: FaultProxy;
  /** Through the proxy, as an account without special rights. */
  url: string;
  /** Past the proxy, as the superuser; each statement on a connection of its own. */
  admin(sql: string): Promise<unknown[]>;
  /** The same in another database of the cluster. */
  adminOf(database: string, sql: string): Promise<unknown[]>;
  /** Past the proxy, as the account of the server; its owner ends it. */
  connect(): Promise<pg.Client>;
  /**
   * How far its clock is ahead for statements of the account; defaults of columns keep the right one. The first call
   * ends the server's connections.
   */
  setClock(aheadMs: number): Promise<void>;
  /** Ends the server's connections, so that it has to make new ones. */
  dropConnections(from?: string): Promise<void>;
  remove(): Promise<void>;
};

export const ROLE = 'oi_app';
export const PASSWORD = 'a-password-of-the-rig';

/** As `startPrivatePostgres` names it. */
const DATABASE = 'app';

/** Few enough to be used up. */
const CONNECTIONS = 30;

/** A cluster of its own, migrated and owned by an account without special rights, as operators should set it up. */
export async function startRigDatabase(parentDir: string): Promise<RigDatabase> {
  const flags = [
    '-c',
    `max_connections=${CONNECTIONS}`,
    '-c',
    'max_wal_size=64MB',
    '-c',
    'min_wal_size=32MB',
  ];
  const postgres = await startPrivatePostgres({ flags, migrated: false, parentDir });

  async function adminOf(database: string, sql: string): Promise<unknown[]> {
    const url = new URL(postgres.url);
    url.pathname = `/${database}`;
    const client = await open(url.href, '-c default_transaction_read_only=off');
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  const admin = (sql: string): Promise<unknown[]> => adminOf(DATABASE, sql);
  await admin(`create role ${ROLE} login password '${PASSWORD}'`);
  await admin(`alter database ${DATABASE} owner to ${ROLE}`);
  await admin(`alter schema public owner to ${ROLE}`);
  const direct = new URL(postgres.url);
  direct.username = ROLE;
  direct.password = PASSWORD;
  await runMigrations({ url: direct.href });
  const proxy = await startFaultProxy(postgres.port);
  const proxied = new URL(direct);
  proxied.port = String(proxy.port);

  async function dropConnections(from = DATABASE): Promise<void> {
    await adminOf(from, `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${ROLE}'`);
  }

  let hasOwnClock = false;

  return {
    postgres,
    proxy,
    url: proxied.href,
    admin,
    adminOf,
    connect: () => open(direct.href),
    dropConnections,
    async setClock(aheadMs) {
      if (!hasOwnClock) {
        await admin(OWN_CLOCK);
        await dropConnections();
      }
      hasOwnClock = true;
      await admin(`update own.clock set ahead = interval '${aheadMs} ms'`);
    },
    async remove() {
      await proxy.close();
      await postgres.remove();
    },
  };
}

/** `options` are Postgres' own: the superuser repairs what a default of the database forbids. */
async function open(url: string, options = ''): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, options });
  // Whatever happens to the database must not end the run.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A machine has one clock, so functions with the names of the clock's are found before them. */
const OWN_CLOCK = `
  create schema own;
  create table own.clock as select interval '0' as ahead;
  grant usage on schema own to ${ROLE};
  grant select on own.clock to ${ROLE};
  create function own.now() returns timestamptz stable language sql
    as 'select pg_catalog.now() + ahead from own.clock';
  create function own.clock_timestamp() returns timestamptz language sql
    as 'select pg_catalog.clock_timestamp() + ahead from own.clock';
  alter role ${ROLE} set search_path = own, pg_catalog, public`;
