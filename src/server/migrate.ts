import pg from 'pg';
import { z } from 'zod';
import { DATABASE_ATTEMPT_MS, setAddressAttemptTimeout } from '../kit/addressAttempts.ts';
import { parseEnv } from '../kit/env.ts';
import { coerceError, ExplainedError } from '../kit/errors.ts';
import { runProgram, UsageError } from '../kit/program.ts';
import { listLosses, selectLastMigrations } from '../platform/database/migrationLosses.ts';
import { runMigrations, runMigrationsDown } from '../platform/database/migrations.ts';
import type { Queryable } from '../platform/database/postgres.ts';
import { explainDatabaseFault } from './startFaults.ts';

/** The embedded database is migrated by the server that starts it. */
const USAGE = `Usage: node dist/server/migrate.js               apply the pending migrations
       node dist/server/migrate.js down [N]      revert the last N migrations (default 1)
Migrates the database of DATABASE_URL.
  --yes        also revert migrations whose tables or columns contain data
`;

const MigrateEnv = z.object({
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'must name the database to migrate, such as postgres://user:password@127.0.0.1:5432/open_interest',
  }),
});

const Words = z.union([
  z.tuple([]).transform(() => null),
  z.tuple([z.literal('up')]).transform(() => null),
  z.tuple([z.literal('down')]).transform(() => 1),
  z.tuple([z.literal('down'), z.string().regex(/^[1-9]\d{0,3}$/)]).transform(([, count]) => Number(count)),
]);

await runProgram({
  usage: USAGE,
  options: { yes: { type: 'boolean' } },
  words: true,
  async run({ values: { yes = false }, positionals }) {
    const down = Words.safeParse(positionals);
    if (!down.success) throw new UsageError(`Unknown arguments: ${positionals.join(' ')}`);
    const url = parseEnv(MigrateEnv, process.env, ['DATABASE_URL']).DATABASE_URL;
    setAddressAttemptTimeout(DATABASE_ATTEMPT_MS);
    try {
      await (down.data === null ? migrateUp(url) : migrateDown(url, down.data, yes));
    } catch (thrown) {
      const { message } = coerceError(explainDatabaseFault(thrown, url));
      throw new ExplainedError(`Nothing was migrated: ${message}`, { cause: thrown });
    }
  },
});

async function migrateUp(url: string): Promise<void> {
  const names = await runMigrations({ url });
  if (names.length === 0) console.log('Nothing to do: the database is up to date.');
  for (const name of names) console.log(`applied  ${name}`);
}

async function migrateDown(url: string, count: number, yes: boolean): Promise<void> {
  await requireConsent(url, count, yes);
  for (const name of await runMigrationsDown({ url, count })) console.log(`reverted  ${name}`);
}

/** Throws before any change if there are fewer migrations, or if data would be lost without `--yes`. */
async function requireConsent(url: string, count: number, yes: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // The failing query throws the error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const names = await selectLastMigrations(client as Queryable, count);
    if (names === null) throw new ExplainedError(`the database has fewer than ${count} migrations to revert`);
    const losses = (await listLosses(client as Queryable, names)).filter((it) => it.size !== 'empty');
    if (losses.length === 0 || yes) return;
    const list = losses.map(({ what, size }) => `  ${what.padEnd(40)} ${size}`).join('\n');
    throw new ExplainedError(
      `reverting ${names.join(', ')} drops these with their data:\n${list}\nBack up, then repeat with --yes.`,
    );
  } finally {
    await client.end();
  }
}
