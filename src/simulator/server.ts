import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { systemClock, type Clock } from '../kit/clock.ts';
import { SettingsError } from '../kit/env.ts';
import { createControlRouter } from './faults/control.ts';
import { createEndpoints } from './exchange/endpoints.ts';
import { loadSymbolFacts } from './facts/facts.ts';
import type { SymbolFacts } from './facts/facts.types.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import { buildMarkPriceFrames } from './stream/markPriceFrames.ts';
import { createMarket, type Market } from './market/market.ts';
import { createRestRouter } from './exchange/rest.ts';
import type { SimulatorStats } from './faults/stats.types.ts';
import { createStreamServer, type StreamTiming } from './stream/stream.ts';
import { createSimulatedTime } from './time.ts';
import { createWeightLedger, type WeightLedgerOptions } from './exchange/weights.ts';

export type SimulatorOptions = {
  /** Loopback by default: the control surface has no lock. */
  host?: string;
  /** 0, the default, takes any free port. */
  port?: number;
  seed?: number;
  /** Simulated epoch ms at the start; by default the wall's time. */
  startAt?: number;
  /** Simulated seconds in a second of the wall. */
  speed?: number;
  /** How fast the market moves within the simulated time: see `createMarket`. */
  pace?: number;
  oiRefreshMs?: number;
  facts?: readonly SymbolFacts[];
  weights?: Omit<WeightLedgerOptions, 'clock'>;
  streams?: Partial<StreamTiming>;
  clock?: Clock;
};

export type Simulator = {
  /** `http://127.0.0.1:PORT` */
  restUrl: string;
  /** `ws://127.0.0.1:PORT` */
  wsUrl: string;
  market: Market;
  faults: Faults;
  stats(): SimulatorStats;
  /** The exchange's own time, epoch ms. */
  now(): number;
  /** Ends at once, with every connection. */
  close(): Promise<void>;
};

/**
 * A pretend exchange on one port: REST, WebSocket and its control surface.
 *
 * Prices, open interest and every time in an answer follow simulated time. Weights, bans and the cadence of the stream
 * follow the wall: a demo that runs fast must not teach a client to ask more often than the real exchange allows.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, seed = 1, clock = systemClock, speed = 1 } = options;
  const { startAt = clock.now(), oiRefreshMs = 3_000, pace = 1 } = options;
  const faults = createFaults({
    seed,
    actions: {
      list: (symbol) => void market.list(symbol, now()),
      delist: (symbol) => void market.delist(symbol, now()),
      dropSockets: () => streams.dropSockets(),
      ban: (address, lengthMs) => ledger.ban(address, lengthMs),
    },
  });
  const now = createSimulatedTime({ clock, startAt, speed, skewMs: () => faults.settings().clockSkewMs });
  const market = createMarket({ facts: options.facts ?? loadSymbolFacts(startAt), seed, oiRefreshMs, pace });
  const ledger = createWeightLedger({ clock, ...options.weights });
  const answers: SimulatorStats['totals']['answers'] = {};

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/simulator', createControlRouter({ faults, market, stats, exchangeNow: now }));
  app.use(
    createRestRouter({
      endpoints: createEndpoints({ market, withoutMarkPrice: () => faults.settings().withoutMarkPrice }),
      ledger,
      faults,
      clock,
      exchangeNow: now,
      noteAnswer(path, outcome) {
        const counts = (answers[path] ??= {});
        counts[outcome] = (counts[outcome] ?? 0) + 1;
      },
    }),
  );
  const server = createServer(app);
  // Node's 5 seconds would close connections under a client that asks every few seconds.
  server.keepAliveTimeout = 60_000;
  const streams = createStreamServer({
    server,
    clock,
    faults: () => faults.settings(),
    buildFrames: () => buildMarkPriceFrames(market, now(), faults.settings()),
    timing: options.streams ?? {},
  });

  function stats(): SimulatorStats {
    return {
      time: now(),
      minutes: ledger.tally.minutes(),
      bans: ledger.tally.bans(),
      totals: { ...ledger.tally.totals(), answers: structuredClone(answers) },
      sockets: streams.stats(),
    };
  }

  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (thrown) {
    throw new SettingsError(
      `SIMULATOR_PORT: port ${port} on ${host} cannot be opened (${(thrown as NodeJS.ErrnoException).code}); ` +
        'stop the program that has it, or set another port (0: any free one)',
      { cause: thrown },
    );
  }
  const address = `${host}:${(server.address() as AddressInfo).port}`;
  return {
    restUrl: `http://${address}`,
    wsUrl: `ws://${address}`,
    market,
    faults,
    stats,
    now,
    async close() {
      streams.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
