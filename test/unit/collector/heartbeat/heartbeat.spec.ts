import { describe as suite, expect, it } from '@jest/globals';
import { parseCollectorConfig } from '../../../../src/collector/config.ts';
import {
  createHeartbeat,
  describe,
  type CollectorFacts,
} from '../../../../src/collector/heartbeat/heartbeat.ts';
import { CollectorHeartbeat } from '../../../../src/openInterest/operator/collectors/heartbeat.types.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const IDLE: CollectorFacts = {
  name: 'oi-collector',
  version: '0.1.0',
  startedAt: NOW - 60_000,
  jobs: [],
  budget: null,
  spool: null,
  clocks: { exchangeAheadMs: null, serverAheadMs: null },
  server: null,
  alertRules: null,
};

suite('a heartbeat', () => {
  it('reports the alert thresholds in the format of the server', () => {
    const { alerts } = parseCollectorConfig({ OI_SPIKE_THRESHOLD_PCT_15MIN: '0.065' }, { posts: false });
    const beat = CollectorHeartbeat.parse(describe({ ...IDLE, alertRules: alerts.rules }, NOW));
    expect(beat.alertRules).toEqual([
      { timeframe: '5 min', pctChange: 0.03 },
      { timeframe: '15 min', pctChange: 0.065 },
      { timeframe: '1 hour', pctChange: 0.12 },
    ]);
  });

  it('omits the alert thresholds when alerts are off', () => {
    expect(CollectorHeartbeat.parse(describe(IDLE, NOW))).not.toHaveProperty('alertRules');
  });

  it('reports the weight of others as unknown until measured, never as 0', () => {
    const budget = { usedWeight: 7, oursWeight: 7, othersWeight: null, budget: 2_000, limit: 2_400 };
    const closures = { weight: null, futuresData: null };
    const counts = { bannedUntil: null, closures, waitingMs: 0, status429: 0, status418: 0 };
    const beat = CollectorHeartbeat.parse(describe({ ...IDLE, budget: { ...budget, ...counts } }, NOW));
    expect(beat.weight).toMatchObject({ used: 7, ours: 7, others: null });
    expect(beat.sentAt).toBe(NOW);
  });

  it('rejects times in nanoseconds with the name of the field', () => {
    const beat = { ...describe(IDLE, NOW), sentAt: NOW * 1e6 };
    expect(CollectorHeartbeat.safeParse(beat).error?.issues).toMatchObject([{ path: ['sentAt'] }]);
  });
});

suite('the last beat', () => {
  it('sends a last heartbeat without jobs and waits at most two seconds for a hanging server', async () => {
    const clock = createFakeClock(NOW);
    const beats: unknown[] = [];
    const heartbeat = createHeartbeat({
      server: {
        heartbeat(beat, signal) {
          beats.push(beat);
          if (beats.length === 1) return Promise.resolve({ outcome: 'accepted', body: {} });
          return new Promise((resolve) => {
            const gaveUp = { outcome: 'retry', reason: 'aborted', retryAfterMs: null, needsOperator: false };
            signal!.addEventListener('abort', () => resolve(gaveUp as { outcome: 'retry' } & typeof gaveUp));
          });
        },
      },
      gather: () => ({ ...IDLE, jobs: [{ name: 'poller', state: 'up' }] }),
      clock,
      logger: silentLogger,
    });
    heartbeat.start();
    await heartbeat.stop();
    const sent = heartbeat.sendLast();
    clock.advance(2_000);
    await sent;
    const [first, last] = beats.map((it) => CollectorHeartbeat.parse(it));
    expect(first).toMatchObject({ jobs: [{ name: 'poller' }] });
    expect(first).not.toHaveProperty('stopping');
    expect(last).toMatchObject({ collector: 'oi-collector', stopping: true, jobs: [] });
  });

  it('sends no last heartbeat if it never sent a first one', async () => {
    const heartbeat = createHeartbeat({
      server: { heartbeat: () => Promise.reject(new Error('must not be asked')) },
      gather: () => IDLE,
      clock: createFakeClock(NOW),
      logger: silentLogger,
    });
    await heartbeat.sendLast();
  });
});
