import { z } from 'zod';
import { parseEnv, SettingsError } from '../kit/env.ts';
import { coerceError } from '../kit/errors.ts';
import { runMigrations, runMigrationsDown } from '../platform/migrations.ts';

/**
 * `npm run migrate` brings the database of DATABASE_URL up to date; `npm run migrate -- down [count]` takes back the
 * last migrations, one if no count is given. (The embedded database is migrated by the server that starts it.)
 */
const USAGE =
  'Usage: npm run migrate               apply what is pending\n' +
  '       npm run migrate -- down [n]  take back the last n migrations (default 1)';

const MigrateEnv = z.object({
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'must name the database to migrate, such as postgres://user:password@127.0.0.1:5432/open_interest',
  }),
});

const Arguments = z.union([
  z.tuple([]).transform(() => ({ direction: 'up' as const, count: Infinity })),
  z.tuple([z.literal('up')]).transform(() => ({ direction: 'up' as const, count: Infinity })),
  z.tuple([z.literal('down')]).transform(() => ({ direction: 'down' as const, count: 1 })),
  z
    .tuple([z.literal('down'), z.string().regex(/^[1-9]\d{0,3}$/)])
    .transform(([direction, count]) => ({ direction, count: Number(count) })),
]);

process.exitCode = await main(process.argv.slice(2), process.env);

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const parsed = Arguments.safeParse(args);
  if (!parsed.success) {
    console.error(`Unknown arguments: ${args.join(' ')}\n${USAGE}`);
    return 2;
  }
  try {
    await migrate(parsed.data, parseEnv(MigrateEnv, env).DATABASE_URL);
    return 0;
  } catch (thrown) {
    const reason = thrown instanceof SettingsError ? '' : 'Nothing was migrated: ';
    console.error(`${reason}${describe(coerceError(thrown))}`);
    return 1;
  }
}

async function migrate(wanted: { direction: 'up' | 'down'; count: number }, url: string): Promise<void> {
  const { direction, count } = wanted;
  const names = direction === 'up' ? await runMigrations({ url }) : await runMigrationsDown({ url, count });
  if (names.length === 0) {
    console.log(direction === 'up' ? 'Nothing to do: the database is up to date.' : 'Nothing to take back.');
    return;
  }
  for (const name of names) console.log(`${direction === 'up' ? 'applied' : 'took back'}  ${name}`);
}

/** A refused connection to a name with two addresses arrives as several errors in one, without a message. */
function describe(error: Error): string {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : error.name;
}
