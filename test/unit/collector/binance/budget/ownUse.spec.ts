import { describe, expect, it } from '@jest/globals';
import { createOwnUse } from '../../../../../src/collector/binance/budget/ownUse.ts';

const WINDOW_MS = 60_000;

describe('own use of request weight', () => {
  it('counts a request from its start until a whole window after its response', () => {
    const own = createOwnUse(WINDOW_MS);
    const end = own.spend(40);
    expect(own.total(500_000)).toBe(40);
    expect(own.msUntil(0, 500_000)).toBe(Infinity);
    end(501_000, true);
    expect(own.total(560_999)).toBe(40);
    expect(own.msUntil(0, 560_000)).toBe(1_000);
    expect(own.total(561_000)).toBe(0);
  });

  it('counts an aborted request ten seconds longer, as it may still be on its way', () => {
    const own = createOwnUse(WINDOW_MS);
    own.spend(1)(0, false);
    own.spend(1)(5_000, true);
    expect(own.msUntil(1, 5_000)).toBe(60_000);
    expect(own.total(65_000)).toBe(1);
    expect(own.total(69_999)).toBe(1);
    expect(own.total(70_000)).toBe(0);
  });

  it('reports what may have been counted since a moment: later responses and requests in flight', () => {
    const own = createOwnUse(WINDOW_MS);
    own.spend(1)(1_000, true);
    own.spend(2)(2_000, true);
    own.spend(4);
    expect(own.since(1_500)).toBe(6);
    expect(own.since(1_000)).toBe(7);
    expect(own.since(2_001)).toBe(4);
    expect(own.underWay()).toBe(4);
  });
});
