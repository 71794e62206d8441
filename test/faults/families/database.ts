import type pg from 'pg';
import { waitFor } from '../../support/waitFor.ts';
import type { Family, Fault, Undo } from '../faults.types.ts';
import { part, type Rig } from '../rig.ts';
import { PASSWORD, ROLE } from '../rigDatabase.ts';
import { ingestFails } from './probes.ts';
import { WHOLE } from './plans.ts';

/** Runs a statement now, and another one to take it back. */
function statement(now: string, back: string): (rig: Rig) => Promise<Undo> {
  return async ({ database }) => {
    await part(database).admin(now);
    await part(database).dropConnections();
    return () => part(database).admin(back);
  };
}

function lockOn(table: string): Fault {
  return {
    name: `a session locks ${table}`,
    async inject({ database }) {
      const session = await part(database).connect();
      await session.query('begin');
      await session.query(`lock table ${table} in access exclusive mode`);
      return () => session.end().catch(() => undefined);
    },
    bites: ingestFails,
    expect: {
      stage: 'database',
      cause: new RegExp(`lock.*${table}.*pid \\d+|pid \\d+.*lock.*${table}`, 'i'),
      remedy: /pg_terminate_backend\(\d+\)/,
      withinSec: 20,
    },
  };
}

/** Takes every connection that the server's account may have. */
async function takeAllConnections({ database }: Rig): Promise<Undo> {
  const taken: pg.Client[] = [];
  const { admin, connect } = part(database);
  for (let round = 0; round < 10; round += 1) {
    await admin(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'open-interest%'",
    );
    for (;;) {
      const client = await connect().catch(() => null);
      if (client === null) break;
      taken.push(client);
    }
  }
  return () => Promise.all(taken.map((it) => it.end().catch(() => undefined)));
}

export const database: Family = {
  name: 'database',
  plan: WHOLE,
  faults: [
    {
      name: 'Postgres is killed',
      async inject({ database }) {
        await part(database).postgres.kill();
      },
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /does not answer|not running|refuse[sd]/i,
        remedy: /start postgres/i,
        withinSec: 15,
      },
      repair: ({ database }) => part(database).postgres.start(),
    },
    {
      name: 'Postgres hangs',
      inject({ database }) {
        part(database).postgres.pause();
        return () => part(database).postgres.resume();
      },
      bites: ingestFails,
      expect: { stage: 'database', cause: /does not answer|no answer/i, withinSec: 15 },
    },
    {
      name: 'the network to Postgres is cut',
      inject({ database }) {
        part(database).proxy.set({ mode: 'blackhole' });
        return () => part(database).proxy.set({ mode: 'pass' });
      },
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /does not answer|no answer/i,
        remedy: /DATABASE_URL/,
        withinSec: 15,
      },
    },
    {
      name: 'the network to Postgres takes 2 s',
      inject({ database }) {
        part(database).proxy.set({ mode: 'pass', latencyMs: 2_000 });
        return () => part(database).proxy.set({ mode: 'pass' });
      },
      bites: ingestFails,
      expect: { stage: 'database', cause: /slow|does not answer|no answer/i, withinSec: 20 },
    },
    {
      name: 'Postgres is read-only',
      inject: statement(
        'alter database app set default_transaction_read_only = on',
        'alter database app reset default_transaction_read_only',
      ),
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /read-only/i,
        remedy: /primary|default_transaction_read_only/i,
        withinSec: 20,
      },
    },
    lockOn('open_interest_latest'),
    lockOn('open_interest_snapshots'),
    {
      name: 'all connections are taken',
      inject: takeAllConnections,
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /too many (connections|clients)|53300/i,
        remedy: /DATABASE_POOL_MAX|max_connections|pg_stat_activity/,
        withinSec: 20,
      },
    },
    {
      name: 'a statement hangs',
      async inject({ database }) {
        await part(database).admin(
          `create function hang() returns trigger language plpgsql as 'begin perform pg_sleep(60); return null; end';
           create trigger hang before insert on open_interest_snapshots for each statement execute function hang()`,
        );
        return () =>
          part(database).admin('drop trigger hang on open_interest_snapshots; drop function hang()');
      },
      bites: ingestFails,
      expect: { stage: 'database', cause: /timeout|57014|too long|cancel/i, withinSec: 20 },
    },
    {
      name: 'the password is changed',
      inject: statement(`alter role ${ROLE} password 'another'`, `alter role ${ROLE} password '${PASSWORD}'`),
      bites: ingestFails,
      expect: { stage: 'database', cause: /password/i, remedy: /password.*DATABASE_URL/i, withinSec: 15 },
    },
    {
      name: 'the role may not log in',
      inject: statement(`alter role ${ROLE} nologin`, `alter role ${ROLE} login`),
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /log in|role|user|28000/i,
        remedy: /DATABASE_URL|login/i,
        withinSec: 15,
      },
    },
    {
      name: 'the database is renamed',
      async inject({ database }) {
        const { adminOf, dropConnections } = part(database);
        await waitFor('the database to be renamed', async () => {
          await dropConnections('postgres');
          await adminOf('postgres', 'alter database app rename to app_away');
          return true;
        });
        return () => adminOf('postgres', 'alter database app_away rename to app');
      },
      bites: ingestFails,
      expect: {
        stage: 'database',
        cause: /no such database|does not exist/i,
        remedy: /DATABASE_URL/,
        withinSec: 15,
      },
    },
    {
      name: 'the right to insert is revoked',
      inject: statement(
        `revoke insert on open_interest_snapshots from ${ROLE}`,
        `grant insert on open_interest_snapshots to ${ROLE}`,
      ),
      bites: ingestFails,
      expect: { stage: 'database', cause: /permission|denied|42501/i, remedy: /grant/i, withinSec: 20 },
    },
    {
      name: 'a table of a migration is missing',
      inject: statement(
        'alter table open_interest_latest rename to open_interest_away',
        'alter table open_interest_away rename to open_interest_latest',
      ),
      bites: ingestFails,
      expect: { stage: 'database', cause: /does not exist|missing|42P01/i, remedy: /migrat/i, withinSec: 20 },
    },
  ],
};
