import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createAlertStore } from '../../../../src/collector/alerts/alerts.repository.ts';
import { createGaps } from '../../../../src/collector/backfill/gaps.repository.ts';
import { createSpool } from '../../../../src/collector/spool/spool.ts';
import { openStore, STORE_FILE } from '../../../../src/collector/store/database.ts';
import { isStorageFault } from '../../../../src/collector/store/faults.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

/** A store that better-sqlite3 12.11.1 wrote and whose process was killed: everything lies in the write-ahead log. */
const OF_EARLIER_BUILD = path.resolve('test/support/stores');

const dir = withEach(createTempDir, 'remove');

describe('store', () => {
  let store: Store;

  afterEach(() => store.close());

  const file = (suffix = '') => path.join(dir.path, STORE_FILE + suffix);
  async function open(maxPages?: number): Promise<Store> {
    store = await openStore({
      dir: dir.path,
      clock: createFakeClock(),
      logger: silentLogger,
      maxSpoolBytes: 1e9,
      ...(maxPages === undefined ? {} : { maxPages }),
    });
    return store;
  }
  function put(name: string, json = '1'): void {
    store.prepare<[string, string]>('insert into keepsake (name, json) values (?, ?)').run(name, json);
  }
  const names = () =>
    store
      .prepare<[], { name: string }>('select name from keepsake order by name')
      .all()
      .map((it) => it.name);

  it('writes to a log and syncs each commit', async () => {
    await open();
    expect([store.pragma('journal_mode'), store.pragma('synchronous'), store.pragma('locking_mode')]).toEqual(
      ['wal', 2, 'exclusive'],
    );
    put('a');
    // Exclusive: the log's index is in memory, and no other process can read half of it.
    expect(readdirSync(dir.path).toSorted()).toEqual([STORE_FILE, `${STORE_FILE}-wal`]);
  });

  it('Q1 reads the store of an earlier build that was killed: spool, counts, readings, alerts and gaps', async () => {
    for (const suffix of ['', '-wal']) {
      writeFileSync(
        file(suffix),
        gunzipSync(readFileSync(path.join(OF_EARLIER_BUILD, `killed.sqlite${suffix}.gz`))),
      );
    }
    await open();
    const clock = createFakeClock();
    const spool = createSpool({ store, clock, logger: silentLogger });
    expect(spool.status()).toMatchObject({ appended: 121, delivered: 1, waiting: 120, dropped: 0 });
    const [first] = spool.itemsOf(spool.claimOfBacklog()!);
    expect(JSON.parse(first!)).toEqual({ symbol: 'S0USDT', openInterest: 0.1, ts: 1_764_633_600_000 });
    const alerts = createAlertStore(store);
    expect(alerts.selectReadings(0, Infinity).get('S2USDT')).toEqual([
      { ts: 1_764_633_600_002, openInterest: 2.1, markPrice: 4.2e-9 },
    ]);
    expect(alerts.selectStates()).toEqual([
      {
        symbol: '币安人生USDT',
        timeframe: '5 min',
        state: { UP: { isFired: true, firedAt: 1_764_633_600_000 }, DOWN: { isFired: false, firedAt: null } },
      },
    ]);
    expect(createGaps(store).next(() => false)).toEqual({
      symbol: 'S1USDT',
      from: 1_764_630_000_000,
      to: 1_764_633_600_000,
    });
  });

  it('rolls a transaction back as a whole, and reports why when a full disk stopped it', async () => {
    await open(24);
    put('before');
    const fill = () => {
      for (let i = 0; i < 100; i += 1) put(`${i}`, 'x'.repeat(4_000));
    };
    let fault: unknown;
    try {
      store.transaction(fill);
    } catch (thrown) {
      fault = thrown;
    }
    expect((fault as Error).message).toBe('database or disk is full');
    expect(isStorageFault(fault)).toBe(true);
    expect(() =>
      store.transaction(() => {
        put('half');
        throw new Error('of the caller');
      }),
    ).toThrow('of the caller');
    store.transaction(() => put('after'));
    expect(names()).toEqual(['after', 'before']);
  });

  it('reopens immediately in the same process, with the previous statements valid', async () => {
    await open();
    const insert = store.prepare<[string, string]>('insert into keepsake (name, json) values (?, ?)');
    insert.run('first', '1');
    for (const name of ['second', 'third']) {
      store.close();
      await open();
      put(name);
    }
    expect(names()).toEqual(['first', 'second', 'third']);
    expect(() => insert.run('late', '1')).toThrow();
  });

  it('keeps the log of the new store when the torn one is closed', async () => {
    await open();
    for (let i = 0; i < 100; i += 1) put(`${i}`, 'x'.repeat(2_000));
    store.close();
    truncateSync(file(), Math.floor(statSync(file()).size / 2));
    await open();
    put('new');
    await collectGarbage();
    expect(statSync(file('-wal')).size).toBeGreaterThan(0);
    expect(readdirSync(dir.path).some((name) => name.includes('.torn-'))).toBe(true);
  });

  it('survives a disk that refuses writes without losing stored rows', async () => {
    await open();
    store.close();
    // The shell bounds the size of files, which no setting of SQLite knows: its writes fail as on a broken disk.
    const script = `
      import { openStore } from './src/collector/store/database.ts';
      import { createSpool } from './src/collector/spool/spool.ts';
      import { systemClock as clock } from './src/kit/clock.ts';
      import { silentLogger as logger } from './test/support/silentLogger.ts';
      void (async () => {
        const store = await openStore({ dir: process.argv[1], clock, logger, maxSpoolBytes: 1e9 });
        const spool = createSpool({ store, clock, logger });
        while (spool.status().inMemory === 0) spool.append('live', ['x'.repeat(1_000)]);
        console.log(JSON.stringify(spool.status()));
        process.kill(process.pid, 'SIGKILL');
      })();`;
    const child = spawnSync(
      'sh',
      [
        '-c',
        'ulimit -f 1024; exec "$@"',
        'sh',
        process.execPath,
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        script,
        dir.path,
      ],
      { encoding: 'utf8' },
    );
    expect(child.stderr).toBe('');
    const { waiting, inMemory } = JSON.parse(child.stdout) as { waiting: number; inMemory: number };
    expect(inMemory).toBe(1);
    await open();
    const spool = createSpool({ store, clock: createFakeClock(), logger: silentLogger });
    expect(spool.status()).toMatchObject({ waiting: waiting - inMemory, droppedDisk: 0 });
  });
});

/** Twice, with a turn between: the addon finalizes what was collected in a task of its own. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let i = 0; i < 2; i += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
