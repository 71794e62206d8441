import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunningCollector } from '../../src/collector/buildCollector.ts';
import type { JobName } from '../../src/collector/jobs.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withEach, withOpened } from '../support/withOpened.ts';
import { withServer } from '../support/withServer.ts';

/** Few enough symbols that each is polled every 5 s. */
const MAJORS = { OI_LIQUID_ENTER_QUOTE_24H: '900000000', OI_LIQUID_EXIT_QUOTE_24H: '800000000' };

describe('collector and data from before its start', () => {
  let collector: RunningCollector | undefined;
  afterEach(async () => {
    await collector?.stop();
    collector = undefined;
  });
  const { database, server } = withServer();
  const simulator = withOpened(() => startSimulator({ oiRefreshMs: 1_000 }), 'close');
  const dir = withEach(createTempDir, 'remove');

  async function start(jobs: JobName[], env: Record<string, string> = {}): Promise<void> {
    collector = await startTestCollector({
      simulator,
      serverUrl: server.url,
      stateDir: dir.path,
      jobs,
      env: { ...MAJORS, ...env },
    });
  }

  async function post(
    symbol: string,
    source: string,
    points: { ts: number; openInterest: number }[],
  ): Promise<void> {
    const data = points.map((it) => ({ symbol, markPrice: 100, ...it }));
    for (let from = 0; from < data.length; from += 100) {
      const response = await server.post('/api/market/open-interest/ingest', {
        data: data.slice(from, from + 100),
        source,
      });
      expect(response.status).toBe(200);
    }
  }

  async function rowsOf(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await database.pool.query<Record<string, unknown>>(sql, values)).rows;
  }

  const noteOf = (job: string) => collector!.status().jobs.find((it) => it.name === job)?.note;

  it('backfills gaps from the exchange’s five-minute points, without changing the board or raising alerts', async () => {
    const now = simulator.now();
    // Another collector read one symbol until 40 minutes ago; the others were never read.
    await post('BTCUSDT', 'realtime', [{ ts: now - 40 * MINUTE_MS, openInterest: 1 }]);
    await start(['mark-prices', 'liquid-universe', 'poller', 'backfill']);
    const backfilled = (symbol: string) =>
      rowsOf(
        `select ts, open_interest, mark_price, open_interest_usd from open_interest_snapshots
              where symbol = $1 and source = 'backfill' order by ts`,
        [symbol],
      );
    await waitFor('gaps', () => noteOf('backfill')?.includes('gaps to fill'));
    // Without live chunks to delay, history is sent immediately.
    simulator.faults.apply({ errorRate: 1, onlyPaths: ['/fapi/v1/openInterest'] });
    await waitFor('the gap to be filled', async () => (await backfilled('BTCUSDT')).length >= 7, {
      timeoutMs: 90_000,
      everyMs: 500,
    });
    const btc = await backfilled('BTCUSDT');
    expect(btc.length).toBeLessThanOrEqual(8);
    for (const row of btc) {
      const ts = (row['ts'] as Date).getTime();
      expect(ts % (5 * MINUTE_MS)).toBe(0);
      expect(ts).toBeGreaterThan(now - 40 * MINUTE_MS);
      expect(row['mark_price']).toBeNull();
      expect(row['open_interest_usd']).toBeGreaterThan(1e6);
      expect(row['open_interest']).toBeCloseTo(simulator.market.openInterestAt('BTCUSDT', ts), -1);
    }
    await waitFor(
      'a day of one that was never read',
      async () => (await backfilled('ETHUSDT')).length >= 286,
      {
        timeoutMs: 60_000,
        everyMs: 500,
      },
    );
    const sources = await rowsOf('select distinct source from open_interest_latest');
    expect(sources).toEqual([{ source: 'realtime' }]);
    expect(await rowsOf('select count(*)::int as alerts from open_interest_alerts')).toEqual([{ alerts: 0 }]);
    simulator.faults.apply({ reset: true });
  });

  it('detects a spike immediately on a new machine with access to the server’s history', async () => {
    const symbol = 'SOLUSDT';
    const now = simulator.now();
    const half = simulator.market.openInterestAt(symbol, now) / 2;
    // More than an hour at half the current value, a reading every 20 s: two pages.
    const points = Array.from({ length: 195 }, (_, i) => ({
      ts: now - HOUR_MS - 4 * MINUTE_MS + i * 20 * SECOND_MS,
      openInterest: half,
    }));
    await post(symbol, 'realtime', points);
    await start(['mark-prices', 'liquid-universe', 'poller'], { VOLSPIKE_HISTORY_KEY: OPERATOR_KEY });
    const alerts = () =>
      rowsOf('select timeframe, direction, baseline from open_interest_alerts where symbol = $1', [symbol]);
    await waitFor('alerts', async () => (await alerts()).length >= 3, { everyMs: 250 });
    const raised = await alerts();
    expect(new Set(raised.map((it) => it['timeframe']))).toEqual(new Set(['5 min', '15 min', '1 hour']));
    expect(raised).toHaveLength(3);
    for (const it of raised) {
      expect(it['direction']).toBe('UP');
      expect(it['baseline']).toBeCloseTo(half, 3);
    }
  });

  it('polls the other perpetuals at intervals, as snapshots with their value, beside the poller', async () => {
    await start(['mark-prices', 'liquid-universe', 'poller', 'snapshots'], { OI_SNAPSHOT_EVERY_MIN: '5' });
    const members = async () =>
      (await rowsOf('select symbol from open_interest_liquid_symbols')).map((it) => it['symbol']);
    const snapshots = () =>
      rowsOf("select symbol, open_interest_usd from open_interest_snapshots where source = 'snapshot'");
    await waitFor('snapshots', async () => (await snapshots()).length >= 20, {
      timeoutMs: 60_000,
      everyMs: 500,
    });
    const polled = new Set(await members());
    expect(polled.size).toBeGreaterThan(2);
    for (const it of await snapshots()) {
      expect(polled.has(it['symbol'])).toBe(false);
      expect(it['open_interest_usd']).toBeGreaterThan(0);
    }
    // Spread over four minutes: the 530 requests are not a burst.
    const asked = simulator.stats().minutes.at(-1)!;
    expect(asked.acceptedWeight).toBeLessThan(600);
  });
});
