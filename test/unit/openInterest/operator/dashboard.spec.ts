import { describe, expect, it } from '@jest/globals';
import { selectAlertRules } from '../../../../src/openInterest/operator/dashboard.routes.ts';
import type { CollectorState } from '../../../../src/openInterest/operator/collectors/heartbeats.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 0, 0);

function aState(
  collector: string,
  given: { pctChange?: number; agoMs?: number; state?: CollectorState['state'] },
): CollectorState {
  const { pctChange, agoMs = 4_000, state = 'up' } = given;
  const alertRules = pctChange === undefined ? {} : { alertRules: [{ timeframe: '5 min', pctChange }] };
  return {
    heartbeat: { collector, everySec: 10, jobs: [], ...alertRules },
    state,
    receivedAt: NOW - agoMs,
    ageSec: agoMs / 1_000,
  };
}

describe('alert rules shown on pages', () => {
  it('are those of the latest collector that detects alerts', () => {
    const states = [
      aState('a', { pctChange: 0.05, agoMs: 9_000 }),
      aState('b', { pctChange: 0.03, agoMs: 5_000 }),
      aState('universe-job', { agoMs: 1_000 }),
    ];
    expect(selectAlertRules(states)).toEqual([{ timeframe: '5 min', pctChange: 0.03 }]);
    expect(selectAlertRules(states.toReversed())).toEqual([{ timeframe: '5 min', pctChange: 0.03 }]);
  });

  it('are unknown without a report, or when its collector has fallen silent', () => {
    expect(selectAlertRules([])).toEqual([]);
    expect(selectAlertRules([aState('universe-job', {})])).toEqual([]);
    expect(selectAlertRules([aState('a', { pctChange: 0.03, state: 'down' })])).toEqual([]);
    expect(selectAlertRules([aState('a', { pctChange: 0.03, state: 'slow' })])).toHaveLength(1);
  });
});
