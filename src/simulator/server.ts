import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { systemClock, type Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { createControlRouter } from './faults/control.ts';
import { createEndpoints } from './exchange/endpoints.ts';
import { loadSymbolFacts } from './facts/facts.ts';
import type { SymbolFacts } from './facts/facts.types.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { buildForcedOrderFrames, buildMarkPriceFrames } from './stream/frames.ts';
import { createMarket, type Market } from './market/market.ts';
import { createRestRouter } from './exchange/rest.ts';
import type { SimulatorStats } from './faults/stats.types.ts';
import { createStreamServer, type StreamTiming } from './stream/stream.ts';
import { createWeightLedger, type WeightLedger, type WeightLedgerOptions } from './exchange/weights.ts';

export type SimulatorOptions = {
  /** Loopback by default: the control routes need no key. */
  host?: string;
  /** 0, the default: any free port. */
  port?: number;
  seed?: number;
  /** Simulated epoch ms at the start; by default the current time. */
  startAt?: number;
  /** Simulated seconds in a second of the wall clock. */
  speed?: number;
  /** How fast the market moves within the simulated time: see `createMarket`. */
  pace?: number;
  oiRefreshMs?: number;
  facts?: readonly SymbolFacts[];
  weights?: Omit<WeightLedgerOptions, 'clock'>;
  streams?: Partial<StreamTiming>;
  clock?: Clock;
};

export type Simulator = Awaited<ReturnType<typeof startSimulator>>;

/**
 * A simulated exchange on one port: REST, WebSocket and its control routes.
 *
 * Prices, open interest and every time in an answer follow simulated time. Weights, bans and the stream's rate follow the
 * wall clock: a fast demo must not teach a client to make more requests than the real exchange allows.
 */
export async function startSimulator(options: SimulatorOptions = {}) {
  const { host = '127.0.0.1', port = 0, seed = 1, clock = systemClock, speed = 1 } = options;
  const { startAt = clock.now(), oiRefreshMs = 3_000, pace = 1 } = options;
  const faults = createFaults({
    seed,
    actions: {
      list: (symbol) => void market.list(symbol, now()),
      delist: (symbol) => void market.delist(symbol, now()),
      dropSockets: () => streams.dropSockets(),
      ban: (address, lengthMs) => ledger.ban(address, lengthMs),
      spend: (address, weight) => void ledger.charge(address, 'requestWeight', weight),
    },
  });
  const wallStart = clock.now();
  /** Simulated epoch ms. A skew shows in everything that the exchange says. */
  const now = () => Math.round(startAt + (clock.now() - wallStart) * speed + faults.settings().clockSkewMs);
  const market = createMarket({ facts: options.facts ?? loadSymbolFacts(startAt), seed, oiRefreshMs, pace });
  const ledger = createWeightLedger({ clock, ...options.weights });
  const answers: SimulatorStats['totals']['answers'] = {};
  const stats = (): SimulatorStats => ({
    time: now(),
    minutes: ledger.tally.minutes(),
    bans: ledger.tally.bans(),
    totals: { ...ledger.tally.totals(), answers: structuredClone(answers) },
    sockets: streams.stats(),
  });
  const app = createApp({ market, ledger, faults, clock, now, stats, answers });
  const server = createServer(app);
  // Node's 5 seconds would close connections of a client that makes a request every few seconds.
  server.keepAliveTimeout = 60_000;
  const streams = createStreamServer({
    server,
    clock,
    faults: faults.settings,
    buildFrames: {
      markPrices: () => buildMarkPriceFrames(market, now(), faults.settings()),
      forcedOrders: () => buildForcedOrderFrames(market, now()),
    },
    timing: options.streams ?? {},
  });

  await listen(server, port, host);
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    /** `http://127.0.0.1:PORT` */
    restUrl: `http://${address}`,
    /** `ws://127.0.0.1:PORT` */
    wsUrl: `ws://${address}`,
    market,
    faults,
    stats,
    /** The exchange's time, epoch ms. */
    now,
    /** Closes every connection now. */
    async close(): Promise<void> {
      streams.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createApp(options: {
  market: Market;
  ledger: WeightLedger;
  faults: Faults;
  clock: Clock;
  now: () => number;
  stats: () => SimulatorStats;
  answers: SimulatorStats['totals']['answers'];
}): Express {
  const { market, faults, now: exchangeNow, answers } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/simulator', createControlRouter({ ...options, exchangeNow }));
  app.use(
    createRestRouter({
      ...options,
      exchangeNow,
      endpoints: createEndpoints({ market, withoutMarkPrice: () => faults.settings().withoutMarkPrice }),
      noteAnswer(path, outcome) {
        const counts = (answers[path] ??= {});
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      },
    }),
  );
  return app;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SettingsError(
      `SIMULATOR_PORT: port ${port} on ${host} cannot be opened (${code}); ` +
        'stop the program that has it, or set another port (0: any free one)',
      { cause },
    );
  }
}
