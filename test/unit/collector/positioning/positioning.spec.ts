import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SECOND_MS } from '../../../../src/kit/clock.ts';
import { createPositioningJob } from '../../../../src/collector/positioning/positioning.ts';
import { ServerReadError } from '../../../../src/collector/server/client.ts';
import { createFakeClock, type FakeClock, passTime } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const STEPS = { stepMs: SECOND_MS, turns: 3 };

describe('positioning while the server restarts', () => {
  let clock: FakeClock;
  let fault: ServerReadError | null;
  let asked: number;
  let job: ReturnType<typeof createPositioningJob>;

  const away = (isTemporary: boolean) =>
    new ServerReadError('/api/market/open-interest/positioning/symbols: connect ECONNREFUSED', {
      isTemporary,
    });

  beforeEach(async () => {
    clock = createFakeClock(NOON);
    fault = null;
    asked = 0;
    const unused = () => Promise.reject(new Error('not asked here'));
    job = createPositioningJob({
      exchange: { positioning: unused },
      server: {
        selectPositioningSymbols: () => {
          asked += 1;
          return fault ? Promise.reject(fault) : Promise.resolve([]);
        },
        ingestPositioning: unused,
        ingestLiquidations: unused,
      },
      // Closed: the stream reconnects beside the job.
      streamUrl: 'ws://127.0.0.1:1',
      outbound: { socketAgentFor: () => undefined },
      most: 50,
      clockAheadMs: () => 0,
      random: () => 0.5,
      clock,
      logger: silentLogger,
    });
    await job.start();
  });

  afterEach(() => job.stop());

  it('asks again every five seconds, and is at fault only after half a minute', async () => {
    await passTime(clock, 10 * SECOND_MS, STEPS);
    fault = away(true);
    const before = asked;
    await passTime(clock, 25 * SECOND_MS, STEPS);
    expect(asked - before).toBe(5);
    expect(job.status()).toMatchObject({ failed: 0, lastError: null });
    await passTime(clock, 10 * SECOND_MS, STEPS);
    expect(job.status()).toMatchObject({ state: 'slow', failed: 1, lastError: { text: away(true).message } });
  });

  it('is at fault at once when a retry cannot help', async () => {
    fault = away(false);
    await passTime(clock, 10 * SECOND_MS, STEPS);
    expect(job.status()).toMatchObject({ state: 'slow', failed: 1 });
  });
});
