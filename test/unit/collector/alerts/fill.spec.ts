import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRingFiller, type RingFiller } from '../../../../src/collector/alerts/fill.ts';
import type { RingPoint } from '../../../../src/collector/alerts/ring.ts';
import { ServerReadError } from '../../../../src/collector/server/client.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createFakeClock, type FakeClock, passTime } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

describe('filling alert windows from the server’s history', () => {
  let clock: FakeClock;
  let filler: RingFiller;
  let rings: Map<string, RingPoint[]>;
  let asked: string[];
  let fault: Error | null;

  beforeEach(() => {
    clock = createFakeClock();
    rings = new Map();
    asked = [];
    fault = null;
    filler = createRingFiller({
      server: {
        async selectSamples({ symbol, limit, before }) {
          asked.push(symbol);
          if (fault) throw fault;
          return Array.from({ length: Math.min(limit, 130) }, (_, i) => {
            const ts = before - (i + 1) * MINUTE_MS;
            return { symbol, openInterest: 5, markPrice: 2, ts, source: 'realtime' as const };
          });
        },
      },
      alerts: {
        horizonMs: HOUR_MS,
        oldestOf: (symbol) => rings.get(symbol)?.[0] ?? null,
        fill: (symbol, points) =>
          rings.set(
            symbol,
            points.toSorted((a, b) => a.ts - b.ts),
          ),
      },
      clock,
      logger: silentLogger,
    });
  });
  afterEach(() => filler.stop());

  const pass = (ms: number) => passTime(clock, ms, { stepMs: 100, turns: 3 });

  it('requests each symbol with an incomplete window, and no other', async () => {
    rings.set('B', [{ ts: clock.now() - HOUR_MS, openInterest: 1, markPrice: null }]);
    filler.fill(['A', 'B', 'C']);
    await pass(SECOND_MS);
    expect(asked).toEqual(['A', 'C']);
    expect(rings.get('A')).toHaveLength(60);
  });

  it('retries while the server is unavailable', async () => {
    fault = new ServerReadError('samples: connect ECONNREFUSED', { isTemporary: true });
    filler.fill(['A', 'B']);
    await pass(2 * MINUTE_MS);
    expect(new Set(asked)).toEqual(new Set(['A']));
    expect(asked.length).toBeLessThanOrEqual(5);
    fault = null;
    await pass(MINUTE_MS);
    expect([...rings.keys()]).toEqual(['A', 'B']);
  });

  it('requests once when the key has no read permission', async () => {
    fault = new ServerReadError('samples: 403', { isTemporary: false });
    filler.fill(['A', 'B']);
    await pass(5 * MINUTE_MS);
    expect(asked).toEqual(['A']);
  });

  it('stops immediately while waiting for the server', async () => {
    fault = new ServerReadError('samples: 503', { isTemporary: true });
    filler.fill(['A']);
    await pass(SECOND_MS);
    await filler.stop();
    expect(asked).toEqual(['A']);
  });
});
