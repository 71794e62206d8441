import { randomUUID } from 'node:crypto';
import type { Firing } from '../../src/openInterest/delivery/firing.types.ts';

/** A firing of BTCUSDT, 5.2 % up in an hour. */
export function aFiring(given: Partial<Firing> = {}): Firing {
  const firedAt = given.firedAt ?? Date.UTC(2026, 10, 20, 12);
  return {
    id: randomUUID(),
    userId: 'pro-user',
    ruleId: randomUUID(),
    ruleVersion: 1,
    ruleName: 'Large moves',
    symbol: 'BTCUSDT',
    window: '1h',
    direction: 'up',
    firedAt,
    channelIds: [],
    evidence: {
      changePct: 5.2,
      changeUsd: 412_000_000,
      base: { ts: firedAt - 3_600_000, openInterest: 90_000, openInterestUsd: 8_000_000_000 },
      current: { ts: firedAt, openInterest: 94_680, openInterestUsd: 8_412_000_000 },
      coverage: 1,
      priceChangePct: -0.4,
      fundingRate: 0.0001,
      reading: 'new shorts',
    },
    ...given,
  };
}
