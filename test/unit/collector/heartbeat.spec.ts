import { describe as suite, expect, it } from '@jest/globals';
import { parseCollectorConfig } from '../../../src/collector/collector.config.ts';
import { describe, type CollectorFacts } from '../../../src/collector/heartbeat/heartbeat.ts';
import { CollectorHeartbeat } from '../../../src/openInterest/openInterest.heartbeat.types.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);
const IDLE: CollectorFacts = {
  name: 'oi-collector',
  version: '0.1.0',
  startedAt: NOW - 60_000,
  jobs: [],
  budget: null,
  spool: null,
  alertRules: null,
};

suite('a heartbeat', () => {
  it('tells when alerts fire, as the collector is set and the server takes it', () => {
    const { alerts } = parseCollectorConfig({ OI_SPIKE_THRESHOLD_PCT_15MIN: '0.065' }, { posts: false });
    const beat = CollectorHeartbeat.parse(describe({ ...IDLE, alertRules: alerts.rules }, NOW));
    expect(beat.alertRules).toEqual([
      { timeframe: '5 min', pctChange: 0.03 },
      { timeframe: '15 min', pctChange: 0.065 },
      { timeframe: '1 hour', pctChange: 0.12 },
    ]);
  });

  it('says nothing of alerts where nobody looks for any', () => {
    expect(CollectorHeartbeat.parse(describe(IDLE, NOW))).not.toHaveProperty('alertRules');
  });
});
