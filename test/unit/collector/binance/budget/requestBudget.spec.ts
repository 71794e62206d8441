import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { weightLimits } from '../../../../../src/collector/binance/budget/weightLimits.ts';
import { MINUTE_MS } from '../../../../../src/kit/clock.ts';
import { createFakeClock } from '../../../../support/fakeClock.ts';
import {
  aBudget,
  createExchangeModel,
  createRandom,
  demand,
  heaviestWindow,
  pass,
  type Journey,
} from './exchangeModel.ts';

const ignore = () => undefined;
const quick = (): Journey => ({ thereMs: 30, backMs: 40 });

describe('request budget of one process', () => {
  it('Q3 stays within its budget in every window of a minute', async () => {
    const limits = weightLimits({ budget: 100, limit: 140 });
    const kind = fc.oneof(
      {
        weight: 9,
        arbitrary: fc.record({
          weight: fc.constantFrom(1, 2, 5),
          priority: fc.constantFrom('steady' as const, 'spare' as const),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ weight: 40, priority: 'reserved' as const }) },
    );
    const request = fc.record({
      kind,
      waitMs: fc.constantFrom(0, 0, 0, 20, 400, 4_000),
      thereMs: fc.integer({ min: 1, max: 4_000 }),
      backMs: fc.integer({ min: 1, max: 4_000 }),
      givenUpAfterMs: fc.constantFrom(1_000, 5_000, 60_000),
    });
    const schedule = fc.array(request, { minLength: 60, maxLength: 140 });
    await fc.assert(
      fc.asyncProperty(schedule, fc.integer({ min: 0, max: MINUTE_MS }), async (requests, aheadMs) => {
        const clock = createFakeClock();
        const exchange = createExchangeModel({ clock, aheadMs });
        const budget = aBudget(clock, limits);
        for (const { waitMs, kind: it, ...journey } of requests) {
          await pass(clock, waitMs, 200);
          budget.run({ pool: 'weight', ...it }, () => exchange.send('we', it.weight, journey)).catch(ignore);
        }
        const total = requests.reduce((sum, it) => sum + it.kind.weight, 0);
        await pass(clock, (2 + total / 30) * MINUTE_MS, 200);
        // Every sender is served.
        expect(exchange.counted).toHaveLength(requests.length);
        expect(heaviestWindow(exchange.counted, MINUTE_MS)).toBeLessThanOrEqual(limits.budget);
      }),
      { numRuns: 12 },
    );
  });

  it('uses nearly all of its budget in each minute when it is alone', async () => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    const budget = aBudget(clock);
    demand({ clock, budget, exchange, sender: 'we', gapMs: 20, journey: quick });
    await pass(clock, 4 * MINUTE_MS);
    const lastTwo = exchange.counted.filter((it) => it.at > clock.now() - 2 * MINUTE_MS).length;
    expect(lastTwo / 2).toBeGreaterThan(1_900);
    expect(lastTwo / 2).toBeGreaterThanOrEqual(budget.perMin('steady'));
    expect(heaviestWindow(exchange.counted, MINUTE_MS)).toBeLessThanOrEqual(2_000);
    expect(budget.status()).toMatchObject({ budget: 2_000, limit: 2_400, bannedUntil: null });
    expect(budget.status().usedWeight).toBeGreaterThan(1_900);
  });
});

describe('a small request budget', () => {
  it.each([60, 300, 600])('of %d a minute polls on after the heaviest run of a job', async (budget) => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    const limits = weightLimits({ budget });
    const ours = aBudget(clock, limits);
    const weight = Math.min(41, limits.reserve);
    void ours.run({ pool: 'weight', weight, priority: 'reserved' }, () =>
      exchange.send('job', weight, quick()),
    );
    demand({ clock, budget: ours, exchange, sender: 'poller', gapMs: 100, journey: quick });
    await pass(clock, 30_000, 20);
    const polled = exchange.counted.filter((it) => it.sender === 'poller').length;
    expect(polled).toBeGreaterThan(budget / 8);
  });
});

describe('request budgets of several processes on one address', () => {
  it('Q3 stay below the exchange’s limit together, for any start times and delays', async () => {
    const process = fc.record({
      startMs: fc.integer({ min: 0, max: 40_000 }),
      gapMs: fc.integer({ min: 15, max: 60 }),
      latencyMs: fc.integer({ min: 2, max: 1_500 }),
      headerLagMs: fc.constantFrom(0, 0, 300, 1_500),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(process, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 0, max: MINUTE_MS }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (processes, aheadMs, seed) => {
          const clock = createFakeClock();
          const exchange = createExchangeModel({ clock, aheadMs });
          const random = createRandom(seed);
          processes.forEach(({ startMs, gapMs, latencyMs, headerLagMs }, index) => {
            const journey = () => ({
              thereMs: random() * latencyMs,
              backMs: random() * latencyMs,
              headerLagMs,
            });
            clock.after(startMs, () => {
              const budget = aBudget(clock);
              demand({ clock, budget, exchange, sender: `p${index}`, gapMs, journey });
            });
          });
          await pass(clock, 4 * MINUTE_MS, 25);
          expect([...exchange.statuses.keys()]).toEqual([200]);
          const total = exchange.counted.filter((it) => it.at > clock.now() - MINUTE_MS).length;
          expect(total).toBeGreaterThan(1_000);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('leave a newcomer enough to measure the others’ use', async () => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    for (const startMs of [0, 100_000]) {
      const sender = `from ${startMs}`;
      clock.after(startMs, () =>
        demand({ clock, budget: aBudget(clock), exchange, sender, gapMs: 20, journey: quick }),
      );
    }
    await pass(clock, 6 * MINUTE_MS, 20);
    const late = exchange.counted.filter((it) => it.at > clock.now() - 2 * MINUTE_MS);
    const newcomer = late.filter((it) => it.sender === 'from 100000').length / 2;
    expect(newcomer).toBeGreaterThan(150);
    expect(heaviestWindow(exchange.counted, MINUTE_MS)).toBeLessThan(2_400);
  });

  it('Q3 pause for a minute that others have nearly used up, from the first response on', async () => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    void exchange.send('stranger', 2_250, quick());
    await pass(clock, 20_000, 1_000);
    demand({ clock, budget: aBudget(clock), exchange, sender: 'we', gapMs: 20, journey: quick });
    const ours = () => exchange.counted.filter((it) => it.sender === 'we').length;
    await pass(clock, 40_000, 20);
    expect(ours()).toBeLessThanOrEqual(2);
    await pass(clock, 20_000, 20);
    expect(ours()).toBeGreaterThan(20);
  });

  it('see within 15 s of each minute that a program uses all of it up', async () => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    const budget = aBudget(clock, weightLimits({ budget: 600 }));
    demand({ clock, budget, exchange, sender: 'we', gapMs: 200, journey: quick });
    for (const at of [45, 60.5, 120.5, 180.5])
      clock.after(at * 1_000, () => void exchange.send('stranger', at === 45 ? 2_100 : 2_340, quick()));
    await pass(clock, 60_000, 20);
    for (let minute = 1; minute < 4; minute += 1) {
      await pass(clock, 15_000, 20);
      expect(budget.status().othersWeight).toBeGreaterThan(1_000);
      await pass(clock, 44_000, 20);
      expect(budget.status().othersWeight).toBeGreaterThan(1_000);
      await pass(clock, 1_000, 20);
    }
    expect([...exchange.statuses.keys()]).toEqual([200]);
  });

  it.each([
    ['that was there before', 0, 30_000],
    ['that comes later', 130_000, 0],
    ['that starts when we do', 58_800, 59_000],
  ])(
    'Q3 yield to a program %s and ignores limits',
    async (_when, strangerMs, oursMs) => {
      const clock = createFakeClock();
      const exchange = createExchangeModel({ clock, aheadMs: 1_234 });
      const stranger = () => {
        clock.after(MINUTE_MS / 2_058, stranger);
        void exchange.send('stranger', 1, quick());
      };
      clock.after(strangerMs, stranger);
      clock.after(oursMs, () =>
        demand({ clock, budget: aBudget(clock), exchange, sender: 'we', gapMs: 20, journey: quick }),
      );
      await pass(clock, 5 * MINUTE_MS, 20);
      expect([...exchange.statuses.keys()]).toEqual([200]);
      expect(exchange.counted.filter((it) => it.sender === 'we').length).toBeGreaterThan(500);
    },
    60_000,
  );
});
