import path from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, describe, expect, it } from '@jest/globals';
import { STORE_FILE } from '../../src/collector/store/database.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startCollectorProcess, type CollectorProcess } from '../support/collectorProcess.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { createTempDir } from '../support/tempDir.ts';
import { collectorEnv } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withServer } from '../support/withServer.ts';

/** More for a long run: `COLLECTOR_KILLS=100`. */
const KILLS = Number(process.env['COLLECTOR_KILLS'] ?? 4);
const COOLDOWN_SEC = 15;

describe('collector under kill -9', () => {
  let running: CollectorProcess | undefined;
  afterAll(async () => {
    if (running && !running.exited()) await running.end();
  });
  const { database, server } = withServer();
  const link = withOpened(() => startFaultProxy(server.port), 'close');
  const simulator = withOpened(() => startSimulator({ oiRefreshMs: 100 }), 'close');
  const dir = withOpened(createTempDir, 'remove');

  function start(...jobs: string[]): CollectorProcess {
    running = startCollectorProcess(
      jobs,
      collectorEnv({
        simulator,
        serverUrl: `http://127.0.0.1:${link.port}`,
        stateDir: dir.path,
        env: {
          LOG_LEVEL: 'debug',
          OI_LOOKBACK_WINDOW_5MIN: '10',
          OI_SPIKE_THRESHOLD_PCT_5MIN: '0.00002',
          OI_ALERT_COOLDOWN_5MIN: String(COOLDOWN_SEC),
          OI_MIN_DELTA_USD: '1',
        },
      }),
    );
    return running;
  }

  /** The store as the last process left it. */
  function readStore(): { tally: Record<string, number>; waiting: number } {
    const store = new DatabaseSync(path.join(dir.path, STORE_FILE), { readOnly: true });
    try {
      const tally = store.prepare('select name, value from tally').all() as { name: string; value: number }[];
      const { waiting } = store.prepare('select count(*) as waiting from item').get() as { waiting: number };
      return { tally: Object.fromEntries(tally.map((it) => [it.name, it.value])), waiting };
    } finally {
      store.close();
    }
  }

  it(
    `Q1 delivers every fetched sample and every alert over ${KILLS} kills`,
    async () => {
      const fetched = new Set<string>();
      const logged: Record<string, unknown>[] = [];

      for (let kills = 0; kills < KILLS; kills += 1) {
        // The first run learns the universe; of the others, every other one finds the server away.
        link.set(kills % 2 === 0 ? { mode: 'pass' } : { mode: 'refuse' });
        const collector = start('mark-prices', 'liquid-universe', 'poller');
        const wanted = kills === 0 ? 400 : 80;
        await waitFor(
          'readings',
          () => collector.linesOf('open interest read').length >= wanted || collector.exited(),
        );
        expect(collector.complaints()).toBe('');
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
        await collector.end();
        for (const it of collector.linesOf('open interest read')) {
          fetched.add(`${String(it['symbol'])} ${String(it['ts'])}`);
        }
        logged.push(...collector.linesOf('open interest alert'));
      }

      // The last run reads nothing more and delivers what is left.
      link.set({ mode: 'pass' });
      simulator.faults.apply({ errorRate: 1, onlyPaths: ['/fapi/v1/openInterest'] });
      const last = start('mark-prices', 'poller');
      await waitFor('a running collector', () => last.linesOf('collector started').length > 0);
      const rowsOf = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
      const countRows = async () => {
        const [row] = await rowsOf(
          `select (select count(*) from open_interest_snapshots)::int as samples,
                (select count(*) from open_interest_alerts)::int as alerts`,
        );
        return row as { samples: number; alerts: number };
      };
      let before = -1;
      await waitFor(
        'nothing more to arrive',
        async () => {
          const { samples, alerts } = await countRows();
          const isStill = samples + alerts === before && samples >= fetched.size;
          before = samples + alerts;
          return isStill;
        },
        { timeoutMs: 90_000, everyMs: 3_000 },
      );
      expect(await last.end('SIGTERM')).toBe(0);

      const { tally, waiting } = readStore();
      const { samples, alerts } = await countRows();
      expect(waiting).toBe(0);
      expect(tally['droppedDisk'] ?? 0).toBe(0);
      expect(tally['appended']).toBe(tally['delivered']);
      expect(samples + alerts).toBe(tally['delivered']);

      // By the process's own log: everything it had read before the kill is in the database.
      const stored = await rowsOf(
        `select symbol || ' ' || (extract(epoch from ts) * 1000)::bigint as key from open_interest_snapshots`,
      );
      const keys = new Set(stored.map((it) => it['key']));
      const lost = [...fetched].filter((it) => !keys.has(it));
      expect({ fetched: fetched.size, lost }).toEqual({ fetched: fetched.size, lost: [] });
      expect(fetched.size).toBeGreaterThan(400);

      // No alert is missing, and no kill made the detector repeat one.
      expect(logged.length).toBeGreaterThan(20);
      expect(alerts).toBeGreaterThanOrEqual(logged.length);
      const again = await rowsOf(
        `select symbol, direction, ts from (
         select symbol, direction, ts, ts - lag(ts) over (partition by symbol, direction, timeframe order by ts) as since
         from open_interest_alerts
       ) as a where since < ${COOLDOWN_SEC} * interval '1 second'`,
      );
      expect(again).toEqual([]);
    },
    180_000 + KILLS * 20_000,
  );

  it('refuses to start beside another collector on the same directory, with the remedy', async () => {
    const first = start('poller', 'mark-prices');
    await waitFor('a running collector', () => first.linesOf('collector started').length > 0);
    const second = start('poller', 'mark-prices');
    await waitFor('its end', () => second.exited());
    expect(second.complaints()).toMatch(/^Another collector uses .* a separate COLLECTOR_STATE_DIR\.\n$/);
    expect(await first.end('SIGTERM')).toBe(0);
  });

  it('lists every job when given an unknown one, and every missing setting', async () => {
    const wrong = startCollectorProcess(['poler'], {});
    await waitFor('its end', () => wrong.exited());
    expect(wrong.complaints()).toContain(
      'There is no job poler. Jobs: mark-prices, funding-api, proxy, liquid-universe, poller, backfill, positioning, snapshots. ' +
        'Without any, all but snapshots run.\n',
    );
    const keyless = startCollectorProcess(['poller'], {});
    await waitFor('its end', () => keyless.exited());
    expect(keyless.complaints()).toContain('VOLSPIKE_API_KEY: is needed to post');
  });
});
