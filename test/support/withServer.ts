import { afterEach, beforeEach } from '@jest/globals';
import type { Clock } from '../../src/kit/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createFakeClock, type FakeClock } from './fakeClock.ts';
import { createJumpClock, type JumpClock } from './jumpClock.ts';
import { createSocketBox, type SocketBox } from './sockets.ts';
import { createTempDir } from './tempDir.ts';
import { startTestCollector } from './testCollector.ts';
import { startTestServer, type TestServer } from './testServer.ts';
import { lateBound, withOpened } from './withOpened.ts';

type ServerOptions = Omit<Parameters<typeof startTestServer>[0], 'databaseUrl' | 'clock'>;

/**
 * What the spec files share: each function is called at the top of a file or `describe`, registers the hooks that start
 * and close what it returns, and returns it at once, to be used from the first hook or test on.
 */

/** A migrated database for all tests. */
export function withDatabase(): TestDatabase {
  return withOpened(createTestDatabase, 'drop');
}

/** One server on its own database for all tests. */
export function withServer(options: ServerOptions & { clock?: Clock } = {}) {
  const database = withDatabase();
  const server = withOpened(() => startTestServer({ ...options, databaseUrl: database.url }), 'close');
  return { database, server };
}

/** Before each test another server with another clock, on one database whose tables are emptied. */
export function withFreshServer(options?: ServerOptions): Fresh<FakeClock>;
export function withFreshServer<Given extends Clock>(
  options: ServerOptions & { newClock: () => Given },
): Fresh<Given>;
export function withFreshServer({ newClock, ...options }: ServerOptions & { newClock?: () => Clock } = {}) {
  const database = withDatabase();
  let clock: Clock | undefined;
  let server: TestServer | undefined;
  async function start(changed: RestartOptions = {}): Promise<void> {
    clock = changed.clock ?? clock!;
    server = await startTestServer({ ...options, ...changed, databaseUrl: database.url, clock });
  }
  beforeEach(async () => {
    await database.clear();
    await start({ clock: (newClock ?? createFakeClock)() });
  });
  afterEach(() => server?.close());
  return {
    database,
    clock: lateBound('the clock', () => clock),
    server: lateBound('the server', () => server),
    async restart(changed: RestartOptions = {}) {
      await server?.close();
      await start(changed);
    },
  };
}

type RestartOptions = ServerOptions & { clock?: Clock };
type Fresh<Given> = {
  database: TestDatabase;
  clock: Given;
  server: TestServer;
  /** On the same tables, by default with the same clock. */
  restart(changed?: RestartOptions): Promise<void>;
};

/** One server whose clock can be jumped, and sockets to it. */
export function withSocketServer(
  options: ServerOptions & { clock?: JumpClock } = {},
): ReturnType<typeof withServer> & { clock: JumpClock; box: SocketBox } {
  const { clock = createJumpClock(), ...rest } = options;
  const box = withSockets();
  return { ...withServer({ ...rest, clock }), clock, box };
}

/** Sockets that are closed after each test. */
export function withSockets(): SocketBox {
  const box = createSocketBox();
  afterEach(box.closeAll);
  return box;
}

/** The whole system for all tests: simulated exchange, collector, server, database. */
export function withCollector(
  options: {
    clock?: Clock;
    simulator?: Parameters<typeof startSimulator>[0];
    env?: Record<string, string>;
  } = {},
) {
  const { database, server } = withServer(options.clock ? { clock: options.clock } : {});
  const dir = withOpened(createTempDir, 'remove');
  const simulator = withOpened(() => startSimulator(options.simulator ?? {}), 'close');
  const collector = withOpened(
    () =>
      startTestCollector({
        simulator,
        serverUrl: server.url,
        stateDir: dir.path,
        env: options.env ?? {},
      }),
    'stop',
  );
  /** `dir`: the collector's state. */
  return { database, server, dir, simulator, collector };
}
