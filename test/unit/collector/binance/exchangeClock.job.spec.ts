import { describe, expect, it } from '@jest/globals';
import { createExchangeClockJob } from '../../../../src/collector/binance/exchangeClock.job.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

describe('the watch over the system’s clock', () => {
  it.each([
    [null, 'up', 'not known yet'],
    [0, 'up', undefined],
    [1_999, 'up', undefined],
    [2_000, 'slow', "the system clock is 2.0 s behind the exchange's: check its time service"],
    [-29_999, 'slow', "the system clock is 30.0 s ahead of the exchange's: check its time service"],
    [-600_000, 'down', "the system clock is 600.0 s ahead of the exchange's: check its time service"],
  ])('Q6 says of an exchange %p ms ahead: %s, %s', (aheadMs, state, note) => {
    const client = { clockAheadMs: () => aheadMs };
    const job = createExchangeClockJob({ client, clock: createFakeClock(), logger: silentLogger });
    expect(job.status()).toEqual({ name: 'exchange-clock', state, ...(note === undefined ? {} : { note }) });
  });
});
