import { describe, expect, it } from '@jest/globals';
import type { Database } from '../../../../src/platform/database/database.ts';
import { createDatabaseHealth } from '../../../../src/platform/database/health.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';

describe('health of the pools', () => {
  it('is busy since the first of the pings in a row at which many wait', () => {
    const clock = createFakeClock(0);
    const health = createDatabaseHealth({ clock });
    let waiting = 0;
    const connections = () => ({ name: 'upkeep', max: 2, open: 2, idle: 0, waiting });
    health.watch({ connections } as unknown as Database);
    const busySinceAfter = (now: number): unknown => {
      clock.set(now);
      health.observePing({ ms: 1, databaseTime: now });
      return health.health().pools[0]!.busySince;
    };
    expect(busySinceAfter(2_000)).toBeNull();
    waiting = 4;
    expect(busySinceAfter(4_000)).toBeNull();
    waiting = 5;
    expect(busySinceAfter(6_000)).toBe(6_000);
    expect(busySinceAfter(8_000)).toBe(6_000);
    waiting = 0;
    expect(busySinceAfter(10_000)).toBeNull();
  });
});
