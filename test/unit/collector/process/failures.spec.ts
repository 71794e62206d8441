import { describe, expect, it } from '@jest/globals';
import { ExchangeError } from '../../../../src/collector/binance/exchangeError.ts';
import { createFailures, formatFailure } from '../../../../src/collector/process/failures.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { ReportedError } from '../../../../src/openInterest/operator/collectors/heartbeat.types.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const OVERLOADED = new ExchangeError('unavailable', '/x: the exchange answered 503: busy (-1008)', {
  status: 503,
  code: '-1008',
});

describe('failures of a job', () => {
  it('are logged once a minute, counted over the last minute, and then forgotten', () => {
    const clock = createFakeClock();
    const failures = createFailures({ clock, systemClock: clock });
    expect(failures.last()).toBeNull();
    const logged: number[] = [];
    for (let sec = 0; sec < 130; sec += 1) {
      if (failures.note(OVERLOADED)) logged.push(sec);
      clock.advance(SECOND_MS);
    }
    expect(logged).toEqual([0, 60, 120]);
    const last = ReportedError.parse(failures.last());
    expect(last).toEqual({
      at: clock.now() - SECOND_MS,
      status: 503,
      code: '-1008',
      text: '/x: the exchange answered 503: busy (-1008)',
      count: 59,
    });
    expect(formatFailure(last)).toMatch(/busy \(-1008\) \(last of 59 in a minute\)$/);
    clock.advance(MINUTE_MS);
    expect(failures.last()).toBeNull();
  });

  it('contain the network’s error code when there was no response, and a readable time', () => {
    const clock = createFakeClock();
    const failures = createFailures({ clock, systemClock: { now: () => clock.now() + MINUTE_MS } });
    const cause = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), { code: 'ECONNREFUSED' });
    failures.note(new ExchangeError('unavailable', '/x: connect ECONNREFUSED 192.0.2.1:443', { cause }));
    expect(failures.last()).toMatchObject({
      at: clock.now() + MINUTE_MS,
      status: null,
      code: 'ECONNREFUSED',
      count: 1,
    });
  });
});
