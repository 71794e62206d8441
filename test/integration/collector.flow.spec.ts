import { describe, expect, it } from '@jest/globals';
import { PositioningBody } from '../../src/openInterest/positioning/positioning.types.ts';
import type { LiquidUniverseBody } from '../../src/openInterest/universe/universe.types.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withCollector } from '../support/withServer.ts';

/** How far the board may be behind what the pace of polling allows. */
const SLACK_SEC = 1.5;

describe('collector between the exchange and the server', () => {
  // The exchange publishes ten times a second, so that an age is what the collector adds to it.
  const { database, server, simulator, collector } = withCollector({ simulator: { oiRefreshMs: 100 } });

  const poller = () => collector.status().jobs.find((it) => it.name === 'poller')!;

  type Board = { serverTime: number; rows: { symbol: string; ts: number; openInterestUsd: number | null }[] };

  async function board(): Promise<Board> {
    const headers = { Authorization: `Bearer ${await server.token('pro')}` };
    return (await (await server.get('/api/market/open-interest/board', headers)).json()) as Board;
  }

  async function universe(): Promise<string[]> {
    const body = (await (
      await server.get('/api/market/open-interest/liquid-universe')
    ).json()) as LiquidUniverseBody;
    return body.symbols.map((it) => it.symbol);
  }

  it('delivers every liquid symbol to the board with its USD value within one interval', async () => {
    await waitFor('a universe that is polled', () => poller().everySec! < 15);
    const symbols = await universe();
    const everySec = poller().everySec!;
    expect(symbols.length).toBeGreaterThan(330);
    expect(everySec).toBeGreaterThan(10);
    expect(everySec).toBeLessThan(11.5);
    await waitFor('all of it on the board', async () => (await board()).rows.length >= symbols.length, {
      timeoutMs: (everySec + 5) * 1_000,
      everyMs: 250,
    });
    const { rows } = await board();
    expect(rows.filter((it) => it.openInterestUsd === null)).toEqual([]);
    const minute = simulator.stats().minutes;
    expect(Math.max(...minute.map((it) => it.acceptedWeight))).toBeLessThanOrEqual(2_000);
    expect(simulator.stats().totals).toMatchObject({ refused: 0, duringBan: 0 });
  });

  it('keeps the board as fresh as the pace permits: mean age within 1.5 s of half the interval', async () => {
    const everySec = poller().everySec!;
    const { mean, oldest } = await freshestOf(await universe(), everySec / 2 + SLACK_SEC);
    expect(mean).toBeLessThanOrEqual(everySec / 2 + SLACK_SEC);
    // A symbol that missed one turn; a busy machine delays some.
    expect(oldest).toBeLessThanOrEqual(2 * everySec + 2 * SLACK_SEC);
    expect(poller()).toMatchObject({ state: 'up' });
  });

  /** The machine may be busy, which delays ages: the best of five measures the collector. */
  async function freshestOf(symbols: string[], enoughSec: number): Promise<{ mean: number; oldest: number }> {
    let best = await measureAges(symbols);
    for (let more = 0; more < 4 && best.mean > enoughSec; more += 1) {
      const next = await measureAges(symbols);
      if (next.mean < best.mean) best = next;
    }
    return best;
  }

  /** Looks at the board for more than an interval; ages are seconds from the exchange's time of a figure. */
  async function measureAges(symbols: string[]): Promise<{ mean: number; oldest: number }> {
    const asked = new Set(symbols);
    const means: number[] = [];
    let oldest = 0;
    for (let looks = 0; looks < 20; looks += 1) {
      const { rows, serverTime } = await board();
      const ages = rows.filter((it) => asked.has(it.symbol)).map((it) => (serverTime - it.ts) / 1_000);
      expect(ages.length).toBe(asked.size);
      means.push(ages.reduce((sum, it) => sum + it, 0) / ages.length);
      oldest = Math.max(oldest, ...ages);
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    return { mean: means.reduce((sum, it) => sum + it, 0) / means.length, oldest };
  }

  it('reads what traders hold of a symbol that a user looks at, and the forced orders of all', async () => {
    const headers = { Authorization: `Bearer ${await server.token('pro')}` };
    const path = '/api/market/open-interest/positioning?symbol=ETHUSDT';
    const view = async () => PositioningBody.parse(await (await server.get(path, headers)).json());
    expect((await view()).points).toEqual([]);
    const { points } = await waitFor('a day of points', async () => {
      const body = await view();
      return body.points.length > 280 ? body : null;
    });
    const newest = points.at(-1)!;
    const share = simulator.market.longShareAt('ETHUSDT', 'topAccounts', newest.ts);
    expect(newest.topAccounts! / (1 + newest.topAccounts!)).toBeCloseTo(share, 3);
    expect(newest.takerBought).toBeGreaterThan(0);
    expect(points.every((it) => it.topPositions !== null && it.accounts !== null)).toBe(true);
    await waitFor(
      'liquidations',
      async () => {
        const stored = await database.pool.query<{ usd: number | null }>(
          'select sum(long_usd + short_usd) as usd from liquidation_minutes',
        );
        return (stored.rows[0]!.usd ?? 0) > 0;
      },
      { timeoutMs: 30_000 },
    );
    const job = () => collector.status().jobs.find((it) => it.name === 'positioning');
    await waitFor('no fault', () => job()?.state === 'up');
    expect(simulator.stats().totals).toMatchObject({ refused: 0, duringBan: 0 });
  });

  it('makes every line of doctor ok', async () => {
    const doctor = await waitFor('a heartbeat', async () => {
      const text = await (await server.get('/debug/doctor', { 'X-API-Key': OPERATOR_KEY })).text();
      return /collector .*oi-collector beat \d+s ago, weight [\d,]+\/2,400.* ok/.test(text) && text;
    });
    expect(doctor).toMatch(/board +\d+ of \d+ symbols live +ok/);
  });

  it('Q8 keeps polling other symbols when a tenth of them hang', async () => {
    const symbols = await universe();
    const hanging = symbols.filter((_, i) => i % 10 === 3);
    simulator.faults.apply({ hangRate: 1, onlyPaths: ['/fapi/v1/openInterest'], onlySymbols: hanging });
    const others = symbols.filter((it) => !hanging.includes(it));
    const everySec = poller().everySec!;
    try {
      await new Promise((resolve) => setTimeout(resolve, (everySec + 3) * 1_000));
      const { mean } = await freshestOf(others, everySec / 2 + SLACK_SEC);
      expect(mean).toBeLessThanOrEqual(everySec / 2 + SLACK_SEC);
    } finally {
      simulator.faults.apply({ reset: true });
    }
  });

  it('applies a listing and a delisting without a restart, and frees the budget of a delisted symbol', async () => {
    const gone = (await universe())[5]!;
    simulator.faults.apply({ delist: gone, list: 'NEWCOMERUSDT' });
    await collector.updateUniverse();
    await waitFor('the newcomer on the board', async () => {
      return (await board()).rows.some((it) => it.symbol === 'NEWCOMERUSDT');
    });
    expect(await universe()).not.toContain(gone);
    const before = failures();
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    // Requested once or twice until the delisting was known.
    expect(failures() - before).toBeLessThanOrEqual(1);
    const journal = await database.pool.query<{ reason: string }>(
      `select reason from open_interest_liquid_journal where symbol = $1 and event = 'left'`,
      [gone],
    );
    // A run that read the contracts before the delisting and the volumes after it gives the second reason.
    expect(['no longer traded as a USDT perpetual', 'the exchange has no 24 h ticker for it']).toContain(
      journal.rows[0]?.reason,
    );
    expect(journal.rows).toHaveLength(1);
  });

  /** Refusals of the exchange for a symbol that does not trade. */
  function failures(): number {
    return simulator.stats().totals.answers['/fapi/v1/openInterest']?.['400'] ?? 0;
  }
});
