import { describe, expect, it } from '@jest/globals';
import { startSimulator } from '../../src/simulator/server.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';
import { withServer } from '../support/withServer.ts';

describe('collector while the server is unavailable', () => {
  const { database, server } = withServer();
  const link = withOpened(() => startFaultProxy(server.port), 'close');
  const simulator = withOpened(() => startSimulator({ oiRefreshMs: 100 }), 'close');
  const dir = withOpened(createTempDir, 'remove');
  const collector = withOpened(
    () =>
      startTestCollector({
        simulator,
        serverUrl: `http://127.0.0.1:${link.port}`,
        stateDir: dir.path,
        jobs: ['mark-prices', 'liquid-universe', 'poller'],
        env: {
          // A window of ten seconds and a threshold of next to nothing: many alerts in little time.
          OI_LOOKBACK_WINDOW_5MIN: '10',
          OI_SPIKE_THRESHOLD_PCT_5MIN: '0.00002',
          OI_ALERT_COOLDOWN_5MIN: '15',
          OI_MIN_DELTA_USD: '1',
        },
      }),
    'stop',
  );

  const spool = () => collector.status().spool!;

  async function countOf(sql: string): Promise<number> {
    const { rows } = await database.pool.query<{ count: string }>(sql);
    return Number(rows[0]!.count);
  }

  async function pass(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** The share of symbols whose newest stored sample is younger than that. */
  async function shareSince(since: Date): Promise<number> {
    const { rows } = await database.pool.query<{ share: number }>(
      'select avg((ts > $1)::int)::float8 as share from open_interest_latest',
      [since],
    );
    return rows[0]!.share;
  }

  it('Q1 Q5 loses and repeats nothing during an outage and while responses are lost', async () => {
    await waitFor(
      'readings and alerts',
      async () => {
        return (await countOf('select count(*) from open_interest_alerts')) > 50;
      },
      { everyMs: 500 },
    );
    // First no request arrives; then every request does, but no response returns.
    link.set({ mode: 'refuse' });
    await waitFor('much to be held', () => spool().waiting > 300);
    link.set({ mode: 'cutReply', afterBytes: 5 });
    await pass(4_000);
    link.set({ mode: 'pass' });
    const mendedAt = new Date();

    // Live first: screens are fresh long before the backlog is drained. The next attempt may be half a minute away.
    await waitFor('fresh samples of every symbol', async () => (await shareSince(mendedAt)) > 0.99, {
      timeoutMs: 150_000,
      everyMs: 500,
    });
    // Without new readings the rest is sent immediately.
    simulator.faults.apply({ errorRate: 1, errorStatus: 503 });
    await waitFor('an empty spool', () => spool().waiting === 0 && spool().chunks === 0, {
      timeoutMs: 60_000,
      everyMs: 200,
    });

    const { appended, delivered, refused, dead, dropped } = spool();
    expect({ refused, dead, dropped }).toEqual({ refused: 0, dead: 0, dropped: 0 });
    expect(delivered).toBe(appended);
    const samples = await countOf('select count(*) from open_interest_snapshots');
    const alerts = await countOf('select count(*) from open_interest_alerts');
    expect(samples).toBeGreaterThan(500);
    expect(alerts).toBeGreaterThan(100);
    // Every item is one row: nothing is missing, and what was sent twice is stored once.
    expect(samples + alerts).toBe(delivered);
    simulator.faults.apply({ reset: true });
  }, 300_000);
});
