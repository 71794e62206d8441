import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpGet } from '../../src/collector/binance/http.ts';
import { createRequestBudget } from '../../src/collector/binance/budget/requestBudget.ts';
import { weightLimits } from '../../src/collector/binance/budget/weightLimits.ts';
import { ExchangeError } from '../../src/collector/binance/exchangeError.ts';
import { createOutbound } from '../../src/collector/outbound/outbound.ts';
import { MINUTE_MS, SECOND_MS, systemClock, type Clock } from '../../src/kit/clock.ts';
import { createReleasers } from '../../src/kit/lifecycle.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { anExchangeClient } from '../support/exchangeClient.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { waitFor } from '../support/waitFor.ts';

let releasers = createReleasers(silentLogger);
afterEach(async () => {
  await releasers.releaseAll();
  releasers = createReleasers(silentLogger);
});

describe('a collector with a banned address', () => {
  it('Q2 sends nothing before the ban ends, over two restarts', async () => {
    const exchange = await startSimulator();
    releasers.push('exchange', exchange.close);
    const first = anExchangeClient({ restUrl: exchange.restUrl });
    releasers.push('first', first.close);
    const { stateDir } = first;
    await first.openInterest('BTCUSDT');

    exchange.faults.apply({ ban: { address: '127.0.0.1', seconds: 8 } });
    const [ban] = exchange.stats().bans;
    await expect(first.openInterest('BTCUSDT')).rejects.toMatchObject({ kind: 'banned', status: 418 });
    expect(exchange.stats().totals.duringBan).toBe(1);

    const hammered: string[] = [];
    const hammer = async (client: typeof first) => {
      for (let asked = 0; asked < 200; asked += 1) {
        const thrown = await client.openInterest('BTCUSDT').catch((error: unknown) => error);
        hammered.push(thrown instanceof ExchangeError ? thrown.kind : 'answered');
      }
    };
    await hammer(first);
    const second = anExchangeClient({ restUrl: exchange.restUrl, stateDir });
    releasers.push('second', second.close);
    await hammer(second);
    const third = anExchangeClient({ restUrl: exchange.restUrl, stateDir });
    releasers.push('third', third.close);
    const { bannedUntil } = third.budget.status();
    expect(bannedUntil).toBeGreaterThanOrEqual(ban!.until);
    await waitFor('the exchange to answer again', () => Date.now() >= ban!.until);
    await hammer(third);

    // The collector's own wait is two minutes at least, so the last one starts when it is nearly over.
    const laterMs = bannedUntil! - Date.now() - 3 * SECOND_MS;
    const later: Clock = { ...systemClock, now: () => systemClock.now() + laterMs };
    const last = anExchangeClient({ restUrl: exchange.restUrl, stateDir, clock: later });
    releasers.push('last', last.close);
    await waitFor('the ban’s end', () => last.openInterest('BTCUSDT'), { everyMs: 5 });

    // The budget's steady clock and the system's, which is adjusted, drift apart.
    expect(later.now()).toBeGreaterThanOrEqual(bannedUntil! - 50);
    expect(new Set(hammered)).toEqual(new Set(['banned']));
    expect(exchange.stats().totals).toMatchObject({ duringBan: 1, refused: 0 });
    expect(exchange.stats().bans).toHaveLength(1);
  });
});

describe('three collectors on one address', () => {
  it('Q3 stay below 2,400 a minute together, by the exchange’s own count', async () => {
    // Six times the speed of the wall clock, for all: two and a half minutes.
    const speed = 6;
    const startedAt = systemClock.now();
    const fast: Clock = {
      now: () => startedAt + (systemClock.now() - startedAt) * speed,
      after: (ms, task) => systemClock.after(ms / speed, task),
    };
    const exchange = await startSimulator({ clock: fast });
    releasers.push('exchange', exchange.close);
    const outbound = createOutbound({});
    releasers.push('outbound', outbound.close);
    const http = createHttpGet({
      clock: systemClock,
      outbound,
      headers: { 'x-simulated-ip': '203.0.113.7' },
    });
    // The prices of all symbols weigh 10, so a busy machine uses up the minute as well.
    const url = `${exchange.restUrl}/fapi/v1/premiumIndex`;

    // The Date header is the wall's, whatever the exchange's clock.
    async function send() {
      const { head } = await http.get(url, { timeoutMs: 5 * SECOND_MS });
      return { head: { ...head, exchangeTime: Math.floor(fast.now() / SECOND_MS) * SECOND_MS } };
    }

    const budgets = [0, 1, 2].map(() =>
      createRequestBudget({
        limits: weightLimits({ budget: 2_000 }),
        clock: fast,
        systemClock: fast,
        banState: { load: () => null, save: () => undefined },
        logger: silentLogger,
      }),
    );
    for (const budget of budgets) {
      releasers.push('budget', budget.close);
      let waiting = 0;
      const ask = () => {
        if (exchange.now() > startedAt + 3 * MINUTE_MS) return;
        fast.after(20, ask);
        if (waiting >= 100) return;
        waiting += 1;
        budget
          .run({ pool: 'weight', weight: 10, priority: 'steady' }, send)
          .catch(() => undefined)
          .finally(() => (waiting -= 1));
      };
      ask();
    }
    await waitFor('two and a half minutes', () => exchange.now() > startedAt + 2.5 * MINUTE_MS, {
      timeoutMs: 60_000,
      everyMs: 200,
    });

    const { minutes, totals, bans } = exchange.stats();
    expect(minutes.length).toBeGreaterThanOrEqual(3);
    for (const { acceptedWeight } of minutes) expect(acceptedWeight).toBeLessThan(2_400);
    expect(totals).toMatchObject({ refused: 0, duringBan: 0 });
    expect(bans).toEqual([]);
    // They do not stay below it by hardly asking.
    expect(Math.max(...minutes.map((it) => it.acceptedWeight))).toBeGreaterThan(1_000);
  });
});
