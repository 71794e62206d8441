import { describe, expect, it } from '@jest/globals';
import { ValidationError } from '../../../../src/kit/errors.ts';
import { createFaults } from '../../../../src/simulator/faults/faults.ts';
import { HEALTHY, type FaultChange } from '../../../../src/simulator/faults/faults.types.ts';

const REQUEST = { path: '/fapi/v1/openInterest', symbol: 'BTCUSDT' };

function build(seed = 1) {
  const done: string[] = [];
  const faults = createFaults({
    seed,
    actions: {
      list: (symbol) => void done.push(`list ${symbol}`),
      delist: (symbol) => void done.push(`delist ${symbol}`),
      dropSockets: () => void done.push('drop'),
      ban: (address, lengthMs) => void done.push(`ban ${address} ${lengthMs}`),
      spend: (address, weight) => void done.push(`spend ${address} ${weight}`),
    },
  });
  return { faults, done };
}

describe('simulator faults', () => {
  it('affect no request by default', () => {
    const { faults } = build();
    expect(faults.settings()).toEqual(HEALTHY);
    for (let index = 0; index < 1_000; index += 1) {
      expect(faults.draw(REQUEST)).toEqual({ delayMs: 0, kind: 'none' });
    }
  });

  it('occur at the configured rate, in the same order for the same seed', () => {
    const change: FaultChange = {
      errorRate: 0.2,
      hangRate: 0.05,
      tornRate: 0.1,
      latencyMs: 100,
      latencyJitterMs: 50,
    };
    const [one, same, other] = [build(3), build(3), build(4)].map(({ faults }) => {
      faults.apply(change);
      return Array.from({ length: 4_000 }, () => faults.draw(REQUEST));
    });
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    const share = (kind: string) => one!.filter((fault) => fault.kind === kind).length / one!.length;
    expect(Math.abs(share('hang') - 0.05)).toBeLessThan(0.015);
    expect(Math.abs(share('torn') - 0.1 * 0.95)).toBeLessThan(0.015);
    expect(Math.abs(share('error') - 0.2 * 0.95 * 0.9)).toBeLessThan(0.02);
    expect(Math.min(...one!.map((fault) => fault.delayMs))).toBeGreaterThanOrEqual(50);
    expect(Math.max(...one!.map((fault) => fault.delayMs))).toBeLessThanOrEqual(150);
  });

  it('affect only the configured paths and symbols', () => {
    const { faults } = build();
    faults.apply({ hangRate: 1, onlyPaths: [REQUEST.path], onlySymbols: ['BTCUSDT'] });
    expect(faults.draw(REQUEST).kind).toBe('hang');
    expect(faults.draw({ ...REQUEST, symbol: 'ETHUSDT' }).kind).toBe('none');
    expect(faults.draw({ ...REQUEST, symbol: null }).kind).toBe('none');
    expect(faults.draw({ ...REQUEST, path: '/fapi/v1/premiumIndex' }).kind).toBe('none');
  });

  it('keep what a change does not name, and clear on reset', () => {
    const { faults } = build();
    faults.apply({ errorRate: 0.5 });
    faults.apply({ silentSockets: true });
    expect(faults.settings()).toEqual({ ...HEALTHY, errorRate: 0.5, silentSockets: true });
    expect(faults.apply({ reset: true, hangRate: 1 })).toEqual({ ...HEALTHY, hangRate: 1 });
  });

  it('apply one-time actions immediately', () => {
    const { faults, done } = build();
    faults.apply({
      list: 'NEWUSDT',
      delist: ['XRPUSDT', 'ADAUSDT'],
      dropSockets: true,
      ban: { address: 'a', seconds: 3 },
      spend: { address: 'a', weight: 40 },
    });
    expect(done).toEqual([
      'list NEWUSDT',
      'delist XRPUSDT',
      'delist ADAUSDT',
      'ban a 3000',
      'spend a 40',
      'drop',
    ]);
    expect(faults.settings()).toEqual(HEALTHY);
  });

  it.each([
    [{ errorRate: 1.5 }, 'errorRate'],
    [{ errorStatus: 200 }, 'errorStatus'],
    [{ list: '' }, 'list'],
    [{ hangrate: 1 }, ''],
    ['hangRate', ''],
  ])('refuse %j with its path, and change nothing', (change, path) => {
    const { faults, done } = build();
    try {
      faults.apply(change as FaultChange);
      throw new Error('was accepted');
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(ValidationError);
      expect((thrown as ValidationError).details?.[0]?.path).toBe(path);
    }
    expect(faults.settings()).toEqual(HEALTHY);
    expect(done).toEqual([]);
  });
});
