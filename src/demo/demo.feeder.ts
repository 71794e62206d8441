import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import type { Logger } from '../kit/logger.ts';
import type { Releasers } from '../kit/lifecycle.ts';
import { startLoop } from '../kit/loop.ts';
import type { Market } from '../simulator/simulator.market.ts';
import { chunksOf, itemAt, type Ingest } from './demo.ingest.ts';

const SWEEP_EVERY_MS = 5 * SECOND_MS;
const CHUNK = 100;

/** Plays the pretend market: sweeps in chunks of 100, the universe every five minutes, a heartbeat every ten seconds. */
export function startFeeder(options: {
  market: Market;
  ingest: Ingest;
  symbols: readonly string[];
  clock: Clock;
  logger: Logger;
  releasers: Releasers;
}): void {
  const { market, ingest, symbols, clock, logger, releasers } = options;
  let swept = 0;
  let failed = 0;

  function every(name: string, everyMs: number, task: () => Promise<void>): void {
    const onError = (err: Error) => {
      failed += 1;
      logger.warn({ err, job: name }, 'feeder job failed, will be tried again');
    };
    const loop = startLoop({ clock, everyMs, task, onError, immediately: true });
    releasers.push(name, () => loop.stop());
  }

  every('sweep', SWEEP_EVERY_MS, async () => {
    for (const part of chunksOf(symbols, CHUNK)) {
      const now = clock.now();
      await ingest.post('/api/market/open-interest/ingest', {
        source: 'realtime',
        data: part.map((symbol) => itemAt(market, symbol, now)),
      });
    }
    swept += 1;
  });
  every('universe', 5 * MINUTE_MS, () => postUniverse({ market, ingest, symbols, now: clock.now() }));
  every('heartbeat', 10 * SECOND_MS, () =>
    ingest.post('/api/collectors/heartbeat', {
      collector: 'demo-feeder',
      everySec: 10,
      jobs: [{ name: 'sweep', state: 'up', everySec: SWEEP_EVERY_MS / SECOND_MS, ok: swept, failed }],
    }),
  );
}

export function postUniverse(options: {
  market: Market;
  ingest: Ingest;
  symbols: readonly string[];
  now: number;
}): Promise<void> {
  const { market, ingest, symbols, now } = options;
  return ingest.post('/api/market/open-interest/liquid-universe/update', {
    symbols: symbols.map((symbol) => ({ symbol, quoteVolume24h: market.quoteVolume24hAt(symbol, now) })),
    // A demo started with fewer symbols than before means it.
    force: true,
  });
}
