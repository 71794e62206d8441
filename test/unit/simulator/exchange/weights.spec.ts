import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createWeightLedger, POOL_LIMITS, type Charge } from '../../../../src/simulator/exchange/weights.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

const HOME = '203.0.113.7';

function repeat(times: number, charge: () => Charge): Charge {
  let last = charge();
  for (let done = 1; done < times; done += 1) last = charge();
  return last;
}

describe('weight ledger', () => {
  it('never accepts more than 2,400 of weight a minute, nor 1,000 requests to futures/data in five', () => {
    const request = fc.record({
      address: fc.constantFrom('a', 'b'),
      pool: fc.constantFrom('requestWeight' as const, 'futuresData' as const),
      cost: fc.constantFrom(1, 10, 40, 400),
      waitMs: fc.constantFrom(0, 0, 0, 0, 700, 20_000),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 50, maxLength: 400 }), (requests) => {
        const clock = createFakeClock();
        const ledger = createWeightLedger({ clock });
        const accepted = new Map<string, number>();
        for (const { address, pool, cost, waitMs } of requests) {
          clock.advance(waitMs);
          const { limit, windowMs } = POOL_LIMITS[pool];
          const key = `${address} ${pool} ${Math.floor(clock.now() / windowMs)}`;
          const before = accepted.get(key) ?? 0;
          const { outcome } = ledger.charge(address, pool, cost);
          if (outcome === 'accepted') accepted.set(key, before + cost);
          expect(accepted.get(key) ?? 0).toBeLessThanOrEqual(limit);
        }
        for (const row of ledger.tally.minutes()) expect(row.acceptedWeight).toBeLessThanOrEqual(2_400);
      }),
    );
  });

  it('accepts all of 2,400 and refuses the next with the seconds to the minute’s end', () => {
    const clock = createFakeClock();
    clock.advance(12_500);
    const ledger = createWeightLedger({ clock });
    expect(repeat(60, () => ledger.charge(HOME, 'requestWeight', 40))).toEqual({
      outcome: 'accepted',
      usedWeight: 2_400,
    });
    expect(ledger.charge(HOME, 'requestWeight', 1)).toMatchObject({
      outcome: 'refused',
      usedWeight: 2_401,
      retryAfterSec: 48,
    });
    expect(ledger.charge('203.0.113.8', 'requestWeight', 1)).toMatchObject({ outcome: 'accepted' });
    clock.advance(47_500);
    expect(ledger.charge(HOME, 'requestWeight', 1)).toEqual({ outcome: 'accepted', usedWeight: 1 });
  });

  it('counts a refused request too, so that a cheaper one after it is also refused', () => {
    const ledger = createWeightLedger({ clock: createFakeClock() });
    ledger.charge(HOME, 'requestWeight', 2_390);
    expect(ledger.charge(HOME, 'requestWeight', 40).outcome).toBe('refused');
    expect(ledger.charge(HOME, 'requestWeight', 1).outcome).toBe('refused');
  });

  it('bans an address that continues after its refusals, and reports the seconds left', () => {
    const clock = createFakeClock();
    const ledger = createWeightLedger({ clock, refusalsBeforeBan: 5 });
    ledger.charge(HOME, 'requestWeight', 2_400);
    expect(repeat(5, () => ledger.charge(HOME, 'requestWeight', 1)).outcome).toBe('refused');
    clock.advance(30 * SECOND_MS);
    expect(ledger.charge(HOME, 'requestWeight', 1)).toMatchObject({ outcome: 'banned', retryAfterSec: 90 });
    expect(ledger.charge(HOME, 'none', 0).outcome).toBe('banned');
    expect(ledger.charge('203.0.113.8', 'requestWeight', 1).outcome).toBe('accepted');
    clock.advance(90 * SECOND_MS);
    expect(ledger.charge(HOME, 'requestWeight', 1).outcome).toBe('accepted');
  });

  it('resets refusals after a quiet minute', () => {
    const clock = createFakeClock();
    const ledger = createWeightLedger({ clock, refusalsBeforeBan: 5 });
    for (let round = 0; round < 10; round += 1) {
      ledger.charge(HOME, 'requestWeight', 2_400);
      expect(repeat(4, () => ledger.charge(HOME, 'requestWeight', 1)).outcome).toBe('refused');
      clock.advance(2 * MINUTE_MS);
    }
    expect(ledger.tally.bans()).toEqual([]);
  });

  it('doubles the next ban up to three days, and resets after a day without one', () => {
    const clock = createFakeClock();
    const ledger = createWeightLedger({ clock, refusalsBeforeBan: 2 });
    const lengths: number[] = [];
    for (let round = 0; round < 14; round += 1) {
      clock.set(Math.ceil(clock.now() / MINUTE_MS) * MINUTE_MS);
      ledger.charge(HOME, 'requestWeight', 2_400);
      repeat(2, () => ledger.charge(HOME, 'requestWeight', 1));
      const ban = ledger.tally.bans().at(-1)!;
      lengths.push((ban.until - ban.from) / MINUTE_MS);
      clock.set(ban.until);
    }
    expect(lengths.slice(0, 5)).toEqual([2, 4, 8, 16, 32]);
    expect(lengths.at(-1)).toBe((3 * DAY_MS) / MINUTE_MS);
    clock.advance(DAY_MS + HOUR_MS);
    ledger.charge(HOME, 'requestWeight', 2_400);
    repeat(2, () => ledger.charge(HOME, 'requestWeight', 1));
    const ban = ledger.tally.bans().at(-1)!;
    expect(ban.until - ban.from).toBe(2 * MINUTE_MS);
  });

  it('extends the ban of an address that continues, once a minute at any request rate', () => {
    const clock = createFakeClock();
    const ledger = createWeightLedger({ clock, refusalsBeforeBan: 3 });
    ledger.ban(HOME, 2 * MINUTE_MS);
    clock.advance(50 * SECOND_MS);
    expect(repeat(500, () => ledger.charge(HOME, 'requestWeight', 1))).toMatchObject({ retryAfterSec: 70 });
    clock.advance(10 * SECOND_MS);
    expect(ledger.charge(HOME, 'requestWeight', 1)).toMatchObject({ outcome: 'banned', retryAfterSec: 240 });
    expect(repeat(500, () => ledger.charge(HOME, 'requestWeight', 1))).toMatchObject({ retryAfterSec: 240 });
    expect(ledger.tally.bans()).toHaveLength(2);
    expect(ledger.tally.totals()).toMatchObject({ requests: 1_001, duringBan: 1_001 });
  });

  it('keeps the limits separate: futures/data uses no weight and weight uses no futures/data', () => {
    const ledger = createWeightLedger({ clock: createFakeClock() });
    expect(repeat(1_000, () => ledger.charge(HOME, 'futuresData', 1))).toEqual({
      outcome: 'accepted',
      usedWeight: 0,
    });
    expect(ledger.charge(HOME, 'futuresData', 1)).toMatchObject({ outcome: 'refused', retryAfterSec: 300 });
    expect(ledger.charge(HOME, 'requestWeight', 2_400).outcome).toBe('accepted');
  });

  it('counts every request once, by minute and address', () => {
    const clock = createFakeClock();
    const start = clock.now();
    const ledger = createWeightLedger({ clock });
    repeat(3, () => ledger.charge(HOME, 'requestWeight', 1_000));
    ledger.charge('b', 'futuresData', 1);
    clock.advance(MINUTE_MS);
    ledger.charge(HOME, 'requestWeight', 7);
    const row = {
      requests: 1,
      acceptedWeight: 0,
      refusedWeight: 0,
      futuresDataRequests: 0,
      refused: 0,
      duringBan: 0,
    };
    expect(ledger.tally.minutes()).toEqual([
      {
        ...row,
        minute: start,
        address: HOME,
        requests: 3,
        acceptedWeight: 2_000,
        refusedWeight: 1_000,
        refused: 1,
      },
      { ...row, minute: start, address: 'b', futuresDataRequests: 1 },
      { ...row, minute: start + MINUTE_MS, address: HOME, acceptedWeight: 7 },
    ]);
  });
});
