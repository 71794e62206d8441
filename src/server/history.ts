import { z } from 'zod';
import { DATABASE_ATTEMPT_MS, setAddressAttemptTimeout } from '../kit/addressAttempts.ts';
import { parseEnv } from '../kit/env.ts';
import { runProgram, UsageError } from '../kit/program.ts';
import { createLogger } from '../kit/logger.ts';
import { createDatabase, type Database } from '../platform/database/database.ts';
import { compactCommand, infoCommand, verifyCommand, type HistorySettings } from './history.commands.ts';
import { exportCommand, importCommand, type GivenWords } from './history.files.ts';
import { ServerEnv } from './config.ts';
import { explainDatabaseFault } from './startFaults.ts';

/** The history of DATABASE_URL for operators, beside a running server or without one. */
const USAGE = `Usage: node dist/server/history.js COMMAND
  info      what the hot and the cold tier hold
  compact   move days older than OI_HOT_DAYS into hour blocks now; the server does so every ten minutes
  verify    decode every hour block and compare it with its candle; exit code 1 if one is wrong
  export    write every sample to FILE, or to stdout without one
  import    read samples from FILES, or from stdin for -: our exports, or the exchange's metrics archive (unzipped),
            which becomes backfill; an import can be repeated
The database is that of DATABASE_URL.
  --symbol NAME    export this symbol alone; may be repeated
  --from TIME      export from this time on: 2026-11-20, ISO 8601 or epoch ms
  --to TIME        export up to this time, itself excluded
  --format NAME    csv, ndjson or parquet (csv)
`;

const HistoryEnv = ServerEnv.pick({ OI_HOT_DAYS: true, OI_RETENTION_DAYS: true }).extend({
  DATABASE_URL: z.url({
    protocol: /^postgres(ql)?$/,
    error: 'must name the database, such as postgres://user:password@127.0.0.1:5432/open_interest',
  }),
});

/** A command may read years: its statements are short, and the machine may be busy. */
const LIMITS = { statementMs: 60_000, answerMs: 65_000 };

const COMMANDS: Readonly<
  Record<string, (db: Database, settings: HistorySettings, given: GivenWords) => Promise<void>>
> = {
  info: infoCommand,
  compact: compactCommand,
  export: exportCommand,
  import: importCommand,
  verify: verifyCommand,
};

await runProgram({
  usage: USAGE,
  words: true,
  options: {
    symbol: { type: 'string', multiple: true },
    from: { type: 'string' },
    to: { type: 'string' },
    format: { type: 'string' },
  },
  async run({ values, positionals: [name = '', ...files] }) {
    const command = COMMANDS[name];
    if (!command) throw new UsageError(name === '' ? 'No command was given' : `Unknown command: ${name}`);
    const settings = parseEnv(HistoryEnv, process.env, ['DATABASE_URL']);
    setAddressAttemptTimeout(DATABASE_ATTEMPT_MS);
    const logger = createLogger({ level: 'error', name: 'history' });
    const db = createDatabase({ url: settings.DATABASE_URL, max: 2, limits: LIMITS, logger });
    try {
      await command(db, settings, { ...values, files });
    } catch (thrown) {
      throw explainDatabaseFault(thrown, settings.DATABASE_URL);
    } finally {
      await db.end();
    }
  },
});
