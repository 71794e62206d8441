import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { RunningCollector } from '../../src/collector/buildCollector.ts';
import type { Clock } from '../../src/kit/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createFakeClock, type FakeClock } from './fakeClock.ts';
import { createJumpClock, type JumpClock } from './jumpClock.ts';
import { createSocketBox, type SocketBox } from './sockets.ts';
import { createTempDir } from './tempDir.ts';
import { startTestCollector } from './testCollector.ts';
import { startTestServer, type TestServer } from './testServer.ts';

type ServerOptions = Omit<Parameters<typeof startTestServer>[0], 'databaseUrl' | 'clock'>;

/**
 * What the spec files share: each function is called at the top of a file or `describe`, registers the hooks that start
 * and close what it returns, and returns it at once, to be used from the first hook or test on.
 */

/** A migrated database for all tests. */
export function withDatabase(): TestDatabase {
  let database: TestDatabase | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database?.drop());
  return lateBound('the database', () => database);
}

/** One server on its own database for all tests. */
export function withServer(options: ServerOptions & { clock?: Clock } = {}) {
  let database: TestDatabase | undefined;
  let server: TestServer | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ ...options, databaseUrl: database.url });
  });
  afterAll(async () => {
    await server?.close();
    await database?.drop();
  });
  return {
    database: lateBound('the database', () => database),
    server: lateBound('the server', () => server),
  };
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
  const dir = createTempDir();
  let simulator: Simulator | undefined;
  let collector: RunningCollector | undefined;
  // Hooks run in the order of their registration: the collector stops before its server.
  afterAll(async () => {
    await collector?.stop();
    await simulator?.close();
    dir.remove();
  });
  const { database, server } = withServer(options.clock ? { clock: options.clock } : {});
  beforeAll(async () => {
    simulator = await startSimulator(options.simulator ?? {});
    collector = await startTestCollector({
      simulator,
      serverUrl: server.url,
      stateDir: dir.path,
      env: options.env ?? {},
    });
  });
  return {
    database,
    server,
    /** The collector's state. */
    dir,
    simulator: lateBound('the simulator', () => simulator),
    collector: lateBound('the collector', () => collector),
  };
}

/** Reads each property from the current value, which a hook sets. */
export function lateBound<Value extends object>(what: string, current: () => Value | undefined): Value {
  return new Proxy({} as Value, {
    get(_target, name) {
      const value = current();
      if (!value) throw new Error(`${what} starts in a hook: use it in hooks and tests only`);
      return Reflect.get(value, name) as unknown;
    },
  });
}
