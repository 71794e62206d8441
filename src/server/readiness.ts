import { formatCountOf } from '../kit/format.shared.ts';
import type { Access } from '../access/access.module.ts';
import { MINUTE_MS, SECOND_MS } from '../kit/clock.ts';
import { commandLine } from '../kit/commands.ts';
import { coerceError, ExplainedError } from '../kit/errors.ts';
import { every } from '../kit/loop.ts';
import { sleep } from '../kit/sleep.ts';
import type { OpenInterest } from '../openInterest/openInterest.module.ts';
import { listPendingMigrations } from '../platform/database/migrations.ts';
import type { DatabasePing } from '../platform/database/ping.ts';
import type { Queryable } from '../platform/database/postgres.ts';
import { isTransientFault } from '../platform/database/fault.ts';
import type { ServerContext } from './server.context.ts';

/** The tables of the database are not those of this build. */
class UnmigratedDatabaseError extends ExplainedError {
  override readonly name = 'UnmigratedDatabaseError';
}

const RETRY_MS = SECOND_MS;

type StartingServer = ServerContext & {
  db: Queryable;
  access: Access;
  openInterest: OpenInterest;
  ping: DatabasePing;
  port: number;
};

/** Reads the board and the access changes, starts the background tasks and opens the node. Rejects if it never can. */
export async function becomeReady(server: StartingServer, down: AbortSignal): Promise<void> {
  const { access, openInterest, ping, background } = server;
  await untilDatabaseAnswers(server, down, async () => {
    await requireMigrated(server.db);
    await access.load();
    await openInterest.hydrate();
    await ping.ping();
  });
  if (down.aborted) return;
  openInterest.start(background);
  const loops = { ...server, releasers: background };
  every(loops, 'access changes', MINUTE_MS, access.changes.reload);
  every(loops, 'database ping', 2 * SECOND_MS, ping.ping);
  server.node.open();
  server.logger.info({ port: server.port }, 'ready');
}

/** Retries `task` until it succeeds while the database is unavailable; any other fault is thrown. */
async function untilDatabaseAnswers(
  { clock, logger }: ServerContext,
  down: AbortSignal,
  task: () => Promise<void>,
): Promise<void> {
  while (!down.aborted) {
    try {
      await task();
      return;
    } catch (thrown) {
      if (!isTransientFault(thrown)) throw thrown;
      logger.warn({ err: coerceError(thrown) }, 'database unavailable, retrying');
      await sleep(clock, RETRY_MS, down);
    }
  }
}

export async function requireMigrated(db: Queryable): Promise<void> {
  const pending = await listPendingMigrations(db);
  if (pending.length === 0) return;
  throw new UnmigratedDatabaseError(
    `The database lacks ${formatCountOf(pending.length, 'migration')} (${pending.join(', ')}). Run: ${commandLine('migrate')}`,
  );
}
