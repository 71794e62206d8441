import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import type { Logger } from '../../../../src/kit/logger.ts';
import { openStore } from '../../../../src/collector/store/database.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { createSpool, type Spool, type SpoolBounds } from '../../../../src/collector/spool/spool.ts';
import type { Chunk, Lane } from '../../../../src/collector/spool/spool.types.ts';
import { createFakeClock, type FakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';

const MAX_ITEMS = { alert: 1, live: 3, backlog: 3 };

describe('spool', () => {
  let dir: ReturnType<typeof createTempDir>;
  let clock: FakeClock;
  let store: Store;
  let dropped: Chunk[];

  beforeEach(() => {
    dir = createTempDir();
    clock = createFakeClock();
    dropped = [];
  });
  afterEach(() => {
    store.close();
    dir.remove();
  });

  async function open(
    bounds: Partial<SpoolBounds> = {},
    maxPages?: number,
    logger: Logger = silentLogger,
  ): Promise<Spool> {
    store = await openStore({
      dir: dir.path,
      clock,
      logger: silentLogger,
      maxSpoolBytes: 1e9,
      ...(maxPages === undefined ? {} : { maxPages }),
    });
    return createSpool({
      store,
      clock,
      logger,
      bounds: { maxItems: MAX_ITEMS, ...bounds },
      onDropped: (chunk) => dropped.push(chunk),
    });
  }

  /** What a kill leaves: the file, without any cleanup. */
  async function reopen(bounds: Partial<SpoolBounds> = {}, maxPages?: number): Promise<Spool> {
    store.close();
    return open(bounds, maxPages);
  }

  function drain(spool: Spool, lane: 'screen' | 'backlog'): string[] {
    const items: string[] = [];
    const take = lane === 'screen' ? spool.claimForDashboards : spool.claimOfBacklog;
    for (let chunk = take(); chunk; chunk = take()) {
      items.push(...spool.itemsOf(chunk));
      spool.delivered(chunk, 0);
    }
    return items;
  }

  it('Q1 restores undelivered items and chunks unchanged after a restart', async () => {
    let spool = await open();
    for (const item of ['a', 'b', 'c', 'd', 'e']) spool.append('live', [item]);
    const first = spool.claimForDashboards()!;
    expect(spool.itemsOf(first)).toEqual(['a', 'b', 'c']);
    spool = await reopen();
    clock.advance(6 * SECOND_MS);
    const again = spool.claimOfBacklog()!;
    expect(spool.itemsOf(again)).toEqual(['a', 'b', 'c']);
    expect(again).toMatchObject({ id: first.id, bytes: first.bytes, at: first.at });
    spool.delivered(again, 0);
    expect(drain(spool, 'backlog')).toEqual(['d', 'e']);
    expect(spool.status()).toMatchObject({ appended: 5, delivered: 5, waiting: 0, bytes: 0 });
    expect((await reopen()).status()).toMatchObject({ appended: 5, delivered: 5, waiting: 0 });
  });

  it('Q1 counts every item once, for any sequence of events and restarts', async () => {
    const deed = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom<Lane>('live', 'live', 'live', 'backlog', 'alert') },
      fc.constantFrom('seal', 'send', 'send back', 'bury', 'refuse one', 'wait', 'expire', 'restart'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 60 }), async (deeds) => {
        let spool = await open({ maxBytes: 60, maxAgeMs: 30 * SECOND_MS });
        let appended = 0;
        const delivered: string[] = [];
        for (const it of deeds) {
          if (it === 'live' || it === 'backlog' || it === 'alert') {
            const count = it === 'backlog' ? 5 : 1;
            const items = Array.from({ length: count }, (_, i) => `${it}-${appended + i}`);
            spool.append(it, items);
            appended += count;
          } else if (it === 'seal') spool.seal('live');
          else if (it === 'wait') clock.advance(3 * SECOND_MS);
          else if (it === 'expire') spool.dropExpired();
          else if (it === 'restart') spool = await reopen({ maxBytes: 60, maxAgeMs: 30 * SECOND_MS });
          else {
            const chunk = spool.claimForDashboards() ?? spool.claimOfBacklog();
            if (!chunk) continue;
            if (it === 'send back') spool.retryLater(chunk);
            else if (it === 'bury') spool.deadLettered(chunk);
            else {
              delivered.push(...spool.itemsOf(chunk));
              spool.delivered(chunk, it === 'refuse one' ? 1 : 0);
            }
          }
          const status = spool.status();
          expect(status.appended).toBe(appended);
          // What is open or under way cannot be dropped.
          expect(status.bytes).toBeLessThanOrEqual(60 + 3 * 12);
          expect(status.delivered + status.refused + status.dead + status.dropped + status.waiting).toBe(
            appended,
          );
        }
        expect(new Set(delivered).size).toBe(delivered.length);
        expect(store.prepare('select count(*) as items from item').get()).toEqual({
          items: spool.status().waiting,
        });
        store.close();
        dir.remove();
        dir = createTempDir();
      }),
      { numRuns: 60 },
    );
    await open();
  });

  it('Q4 offers alerts first, then the newest live chunk, then the rest oldest first', async () => {
    const spool = await open();
    for (let i = 0; i < 4; i += 1) {
      for (const item of ['x', 'y', 'z']) spool.append('live', [`${item}${i}`]);
      clock.advance(2 * SECOND_MS);
    }
    spool.append('alert', ['ALERT 1']);
    spool.append('alert', ['ALERT 2']);
    // The chunks are 8, 6, 4 and 2 seconds old; live is what is younger than 5.
    expect(drain(spool, 'screen')).toEqual(['ALERT 1', 'ALERT 2', 'x3', 'y3', 'z3', 'x2', 'y2', 'z2']);
    expect(drain(spool, 'backlog')).toEqual(['x0', 'y0', 'z0', 'x1', 'y1', 'z1']);
  });

  it('never offers a chunk twice at a time, and a returned one only after its wait', async () => {
    const spool = await open();
    for (const item of ['a', 'b', 'c', 'd', 'e', 'f']) spool.append('live', [item]);
    const newest = spool.claimForDashboards()!;
    expect(spool.itemsOf(newest)).toEqual(['d', 'e', 'f']);
    expect(spool.itemsOf(spool.claimForDashboards()!)).toEqual(['a', 'b', 'c']);
    expect(spool.claimForDashboards()).toBeNull();
    spool.retryLater(newest);
    expect(spool.claimForDashboards()).toBeNull();
    clock.advance(500);
    expect(spool.claimForDashboards()).toBe(newest);
    spool.retryLater(newest);
    clock.advance(500);
    expect(spool.claimForDashboards()).toBeNull();
    spool.resetBackoffs();
    expect(spool.claimForDashboards()).toBe(newest);
  });

  it('offers a returned chunk immediately when the clock has been set back', async () => {
    const spool = await open();
    spool.append('alert', ['A']);
    const alert = spool.claimForDashboards()!;
    spool.retryLater(alert);
    clock.set(clock.now() - 10 * MINUTE_MS);
    expect(spool.claimForDashboards()).toBe(alert);
  });

  it('Q4 drops the oldest samples first and alerts last above its size limit, and counts them', async () => {
    const spool = await open({ maxBytes: 9 });
    spool.append('alert', ['A']);
    for (const item of ['1', '2', '3', '4', '5', '6', '7', '8']) spool.append('live', [item]);
    expect(spool.status()).toMatchObject({ dropped: 0, bytes: 9 });
    spool.append('live', ['9']);
    expect(spool.status()).toMatchObject({ droppedSize: 3, waiting: 7, bytes: 7 });
    expect(dropped).toHaveLength(1);
    expect(drain(spool, 'screen')).toEqual(['A', '7', '8', '9', '4', '5', '6']);
  });

  it('Q4 drops what is older than its age limit, and nothing younger', async () => {
    const spool = await open({ maxAgeMs: MINUTE_MS });
    for (const item of ['a', 'b', 'c']) spool.append('live', [item]);
    clock.advance(40 * SECOND_MS);
    for (const item of ['d', 'e', 'f']) spool.append('live', [item]);
    clock.advance(20 * SECOND_MS);
    spool.dropExpired();
    expect(spool.status().dropped).toBe(0);
    clock.advance(1);
    spool.dropExpired();
    expect(spool.status()).toMatchObject({ droppedAge: 3, waiting: 3 });
    expect(drain(spool, 'backlog')).toEqual(['d', 'e', 'f']);
  });

  it('Q4 continues in memory while the disk is full, delivers from there, and counts what exceeds memory', async () => {
    let spool = await open({ maxInMemory: 600 }, 24);
    const item = (i: number) => `${i}`.padStart(200, '0');
    let appended = 0;
    while (spool.status().inMemory === 0) spool.append('live', [item(appended++)]);
    const onDisk = spool.status().waiting - spool.status().inMemory;
    expect(onDisk).toBeGreaterThan(50);
    for (let i = 0; i < 700; i += 1) spool.append('live', [item(appended++)]);
    const { droppedDisk, inMemory, waiting } = spool.status();
    expect(inMemory).toBeLessThanOrEqual(600);
    expect(droppedDisk).toBeGreaterThan(0);
    expect(waiting + droppedDisk).toBe(appended);
    spool.seal('live');
    const delivered = drain(spool, 'screen');
    expect(delivered).toHaveLength(waiting);
    expect(delivered).toContain(item(appended - 1));

    // There is room again: new items are on disk, and a restart reads the same counts.
    spool.append('live', ['after']);
    expect(spool.status().inMemory).toBe(0);
    const before = spool.status();
    spool = await reopen();
    expect(spool.status()).toMatchObject({
      appended: before.appended,
      delivered: before.delivered,
      dropped: before.dropped,
      waiting: 1,
    });
  });

  it('Q1 counts items as dropped that only memory had when the process ended', async () => {
    let spool = await open({}, 24);
    let appended = 0;
    while (spool.status().inMemory < 10) {
      spool.append('live', ['x'.repeat(200)]);
      appended += 1;
    }
    // The counts reach the disk with the next deletion that it allows.
    spool.seal('live');
    clock.advance(6 * SECOND_MS);
    const chunk = spool.claimOfBacklog()!;
    spool.delivered(chunk, 0);
    const { waiting, inMemory } = spool.status();
    spool = await reopen();
    expect(spool.status()).toMatchObject({
      appended,
      delivered: 3,
      droppedDisk: inMemory,
      waiting: waiting - inMemory,
    });
  });

  it('stores an item and its related rows in one transaction', async () => {
    const spool = await open({}, 24);
    const note = (name: string) => () => {
      store.prepare('insert into keepsake (name, json) values (?, ?)').run(name, '1');
    };
    spool.append('alert', ['A'], note('first'));
    while (spool.status().inMemory === 0) spool.append('live', ['x'.repeat(200)]);
    spool.append('alert', ['x'.repeat(20_000)], note('second'));
    expect(store.prepare('select name from keepsake').all()).toEqual([{ name: 'first' }]);
    expect(drain(spool, 'screen')).toContain('A');
  });

  it('Q1 sends from memory what a full disk refused, and counts what a crash loses of it', async () => {
    let spool = await open({}, 24);
    const note = (name: string) => () => {
      store.prepare('insert into keepsake (name, json) values (?, ?)').run(name, '1');
    };
    while (spool.status().inMemory === 0) spool.append('live', ['x'.repeat(200)]);
    const alert = 'ALERT'.padEnd(20_000, '!');
    spool.append('alert', [alert], note('sent'));
    expect(spool.isInMemory('alert')).toBe(true);
    const chunk = spool.claimForDashboards()!;
    expect(spool.itemsOf(chunk)).toEqual([alert]);
    spool.retryLater(chunk);
    clock.advance(SECOND_MS);
    expect(spool.claimForDashboards()).toBe(chunk);
    spool.delivered(chunk, 0);
    expect(spool.isInMemory('alert')).toBe(false);
    spool.append('alert', [alert], note('lost'));

    const { inMemory } = spool.status();
    store.exec('pragma max_page_count = 1000');
    spool.append('backlog', ['after']);
    const { appended, waiting } = spool.status();
    expect(inMemory).toBeGreaterThan(1);
    spool = await reopen();
    expect(spool.status()).toMatchObject({
      appended,
      waiting: waiting - inMemory,
      droppedDisk: inMemory,
      delivered: 1,
    });
    expect(store.prepare('select name from keepsake').all()).toEqual([]);
  });

  it('Q4 drops a day of samples in parts, so that nothing blocks, and logs it once', async () => {
    const logged: unknown[] = [];
    const spool = await open({ maxAgeMs: MINUTE_MS }, undefined, {
      ...silentLogger,
      warn: (...args: unknown[]) => logged.push(args),
    } as never);
    for (let i = 0; i < 2_500; i += 1) {
      spool.append('live', ['x']);
      spool.seal('live');
    }
    clock.advance(2 * MINUTE_MS);
    expect(spool.dropExpired()).toBe(true);
    expect(spool.status()).toMatchObject({ droppedAge: 1_000, waiting: 1_500 });
    expect([spool.dropExpired(), spool.dropExpired()]).toEqual([true, false]);
    expect(spool.status()).toMatchObject({ droppedAge: 2_500, waiting: 0 });
    expect(logged).toEqual([
      [
        { items: 2_500, chunks: 2_500, droppedAge: 2_500, droppedSize: 0, droppedDisk: 0 },
        expect.any(String),
      ],
    ]);
    expect(dropped).toHaveLength(2_500);
  });

  it('Q4 drops samples before alerts when memory is full, too', async () => {
    const spool = await open({ maxInMemory: 10 }, 24);
    while (spool.status().inMemory === 0) spool.append('live', ['x'.repeat(200)]);
    spool.append('alert', ['A'.repeat(200)]);
    for (let i = 0; i < 30; i += 1) spool.append('live', ['x'.repeat(200)]);
    expect(spool.status().droppedDisk).toBeGreaterThan(0);
    expect(drain(spool, 'screen')).toContain('A'.repeat(200));
  });

  it('refuses a second collector in its directory, and names the setting that helps', async () => {
    await open();
    const second = openStore({ dir: dir.path, clock, logger: silentLogger, maxSpoolBytes: 1e9 });
    await expect(second).rejects.toThrow(/Another collector uses .* COLLECTOR_STATE_DIR/);
  });

  it('sets a store aside that is corrupt in its middle instead of failing at every start', async () => {
    const spool = await open();
    for (let i = 0; i < 500; i += 1) spool.append('live', ['x'.repeat(200)]);
    store.close();
    const file = `${dir.path}/collector.sqlite`;
    const bytes = readFileSync(file);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 8_192);
    writeFileSync(file, bytes);
    const anew = await open();
    expect(anew.status().waiting).toBe(0);
    anew.append('live', ['a']);
    expect((await reopen()).status().waiting).toBe(1);
    expect(readdirSync(dir.path).filter((name) => name.includes('.torn-'))).toHaveLength(1);
  });

  it('sets a torn store aside and starts empty', async () => {
    writeFileSync(
      `${dir.path}/collector.sqlite`,
      'this is not a database, and long enough to be read as one',
    );
    const spool = await open();
    spool.append('live', ['a']);
    expect(spool.status().waiting).toBe(1);
    expect(readdirSync(dir.path).some((name) => name.includes('.torn-'))).toBe(true);
  });
});
