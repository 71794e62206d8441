import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createDropWatch, type DropWatch } from '../../../../src/collector/backfill/drops.ts';
import { createSpool, type Spool } from '../../../../src/collector/spool/spool.ts';
import { openStore } from '../../../../src/collector/store/database.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { createKeyValue } from '../../../../src/collector/store/keyValue.repository.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

const dir = withEach(createTempDir, 'remove');

describe('gaps from dropped samples', () => {
  let clock: FakeClock;
  let store: Store;
  let spool: Spool;
  let drops: DropWatch;
  let asked: { symbol: string; from: number | null; to: number }[];

  beforeEach(async () => {
    clock = createFakeClock(Date.UTC(2026, 10, 20, 14, 2, 0));
    asked = [];
    await open();
  });
  afterEach(() => store.close());

  async function open(): Promise<void> {
    store = await openStore({ dir: dir.path, clock, logger: silentLogger, maxSpoolBytes: 1e9 });
    drops = createDropWatch(createKeyValue(store));
    spool = createSpool({
      store,
      clock,
      logger: silentLogger,
      bounds: { maxAgeMs: HOUR_MS },
      onDropped: drops.dropped,
    });
  }

  async function restart(): Promise<void> {
    store.close();
    await open();
  }

  /** Reads a symbol every ten seconds while the server is away. */
  function readFor(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10 * SECOND_MS) {
      spool.append('live', ['{}']);
      spool.seal('live');
      clock.advance(10 * SECOND_MS);
    }
  }

  const askFor = (symbols: string[]) => drops.askFor(symbols, (gap) => asked.push(gap));

  it('are requested once per symbol, with the points around them', () => {
    const from = clock.now();
    readFor(20 * MINUTE_MS);
    clock.advance(HOUR_MS);
    spool.dropExpired();
    askFor(['A', 'B']);
    expect(asked.map((it) => it.symbol)).toEqual(['A', 'B']);
    // Dropped from 14:02:00 to 14:21:50: the points of 14:00 to 14:25.
    expect(asked[0]).toEqual({ symbol: 'A', from: from - 2 * MINUTE_MS - 1, to: from + 23 * MINUTE_MS + 1 });
    askFor(['A', 'B']);
    expect(asked).toHaveLength(2);
  });

  it('are requested after a restart, and not again after the next one', async () => {
    const from = clock.now();
    readFor(10 * MINUTE_MS);
    clock.advance(HOUR_MS);
    spool.dropExpired();
    await restart();
    askFor(['A']);
    expect(asked).toEqual([{ symbol: 'A', from: from - 2 * MINUTE_MS - 1, to: from + 13 * MINUTE_MS + 1 }]);
    await restart();
    askFor(['A']);
    expect(asked).toHaveLength(1);
  });

  it('are requested even for a single reading, with one point before and one after', () => {
    const from = clock.now();
    readFor(10 * SECOND_MS);
    clock.advance(HOUR_MS);
    spool.dropExpired();
    askFor(['A']);
    expect(asked).toEqual([{ symbol: 'A', from: from - 2 * MINUTE_MS - 1, to: from + 3 * MINUTE_MS + 1 }]);
  });

  it('are kept while the set of symbols is unknown', () => {
    readFor(10 * SECOND_MS);
    clock.advance(HOUR_MS);
    spool.dropExpired();
    askFor([]);
    askFor(['A']);
    expect(asked).toHaveLength(1);
  });

  it('are remembered over a full disk, for realtime samples only', () => {
    spool.append('backlog', ['{}']);
    spool.seal('backlog');
    spool.append('alert', ['{}']);
    clock.advance(2 * HOUR_MS);
    spool.dropExpired();
    askFor(['A']);
    expect(asked).toEqual([]);
    readFor(10 * SECOND_MS);
    clock.advance(HOUR_MS);
    store.exec('pragma query_only = 1');
    spool.dropExpired();
    expect(spool.status().droppedAge).toBe(3);
    // Who notes a gap has no more luck with the disk.
    drops.askFor(['A'], () => undefined);
    store.exec('pragma query_only = 0');
    askFor(['A']);
    expect(asked).toHaveLength(1);
    askFor(['A']);
    expect(asked).toHaveLength(1);
  });
});
