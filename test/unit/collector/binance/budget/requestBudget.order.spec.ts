import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Priority } from '../../../../../src/collector/binance/budget/requestQueue.ts';
import { createRequestQueue } from '../../../../../src/collector/binance/budget/requestQueue.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../../src/kit/clock.ts';
import { createFakeClock } from '../../../../support/fakeClock.ts';
import { aBudget, createExchangeModel, demand, pass } from './exchangeModel.ts';

const quick = () => ({ thereMs: 30, backMs: 40 });

describe('order of requests that wait for the budget', () => {
  it('is first in, first out within a class; a better class overtakes for at most 90 s', () => {
    const arrival = fc.record({
      gapMs: fc.integer({ min: 0, max: 20_000 }),
      priority: fc.constantFrom<Priority>('reserved', 'steady', 'spare'),
      served: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 80 }), (arrivals) => {
        const queue = createRequestQueue<{ id: number; at: number; priority: Priority }>();
        const served: { id: number; at: number; priority: Priority }[] = [];
        const serveOne = () => {
          const first = queue.first();
          if (!first) return;
          queue.leave(first);
          served.push(first);
        };
        let now = 0;
        arrivals.forEach(({ gapMs, priority, served: times }, id) => {
          now += gapMs;
          queue.join({ id, at: now, priority }, priority, now);
          for (let time = 0; time < times; time += 1) serveOne();
        });
        while (queue.first()) serveOne();

        expect(served).toHaveLength(arrivals.length);
        served.forEach((first, index) => {
          for (const later of served.slice(index + 1)) {
            if (first.priority === later.priority) expect(first.id).toBeLessThan(later.id);
            expect(first.at - later.at).toBeLessThanOrEqual(90_000);
          }
        });
      }),
    );
  });

  it('serves exchangeInfo and the tickers within seconds beside a saturating poller', async () => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    const budget = aBudget(clock);
    demand({ clock, budget, exchange, sender: 'poller', gapMs: 20, journey: quick });
    await pass(clock, 2 * MINUTE_MS);
    const askedAt = clock.now();
    let doneAt = Infinity;
    void budget
      .run({ pool: 'weight', weight: 1, priority: 'reserved' }, () => exchange.send('job', 1, quick()))
      .then(() =>
        budget.run({ pool: 'weight', weight: 40, priority: 'reserved' }, () =>
          exchange.send('job', 40, quick()),
        ),
      )
      .then(() => (doneAt = clock.now()));
    await pass(clock, 5 * SECOND_MS);
    expect(doneAt - askedAt).toBeLessThan(2 * SECOND_MS);
    const since = exchange.counted.filter((it) => it.sender === 'poller' && it.at >= askedAt);
    const pauses = since.map((it, index) => (index === 0 ? 0 : it.at - since[index - 1]!.at));
    expect(Math.max(...pauses)).toBeLessThan(2 * SECOND_MS);
  });

  it('removes an aborted request, which is never sent', async () => {
    const clock = createFakeClock();
    const exchange = createExchangeModel({ clock });
    const budget = aBudget(clock);
    demand({ clock, budget, exchange, sender: 'poller', gapMs: 5, journey: quick });
    await pass(clock, 10 * SECOND_MS);
    const giveUp = new AbortController();
    const asked = budget.run({ pool: 'weight', weight: 1, priority: 'spare', signal: giveUp.signal }, () =>
      exchange.send('job', 1, quick()),
    );
    await pass(clock, 100);
    giveUp.abort(new Error('no longer needed'));
    await expect(asked).rejects.toThrow('no longer needed');
    await pass(clock, MINUTE_MS, 20);
    expect(exchange.counted.some((it) => it.sender === 'job')).toBe(false);
  });
});
