import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { createGaps, type Gaps } from '../../../../src/collector/backfill/gaps.repository.ts';
import { createBackfillJob, type BackfillJob } from '../../../../src/collector/backfill/backfill.ts';
import type { OpenInterestPoint } from '../../../../src/collector/collector.types.ts';
import { ExchangeError } from '../../../../src/collector/binance/exchangeError.ts';
import { createSpool, type Spool } from '../../../../src/collector/spool/spool.ts';
import { openStore } from '../../../../src/collector/store/database.ts';
import type { Store } from '../../../../src/collector/store/sqlite.ts';
import { createFakeClock, type FakeClock, passTime } from '../../../support/fakeClock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

const POINT_MS = 5 * MINUTE_MS;

const SQLITE_IOERR_READ = 266;
const SQLITE_CORRUPT = 11;

const dir = withEach(createTempDir, 'remove');

describe('backfill', () => {
  let clock: FakeClock;
  let store: Store;
  let spool: Spool;
  let gaps: Gaps;
  let job: BackfillJob;
  let asked: { symbol: string; from: number; to: number; at: number }[];
  let fault: Error | null;
  /** Whom the fault concerns; `null`: everybody. */
  let faultOnly: string | null;
  let knownToServer: number | null;
  let hasRoom: boolean;
  let leftOut: number;
  let serverIsAway: boolean;
  /** What the store throws when gaps are read. */
  let gapsFault: Error | null;

  beforeEach(async () => {
    clock = createFakeClock();
    asked = [];
    fault = null;
    faultOnly = null;
    knownToServer = null;
    hasRoom = true;
    leftOut = 0;
    serverIsAway = false;
    gapsFault = null;
    await open();
  });
  afterEach(async () => {
    await job.stop();
    store.close();
  });

  async function open(): Promise<void> {
    store = await openStore({ dir: dir.path, clock, logger: silentLogger, maxSpoolBytes: 1e9 });
    spool = createSpool({ store, clock, logger: silentLogger });
    gaps = createGaps(store);
    job = createBackfillJob({
      exchange: {
        async openInterestHist({ symbol, from, to, limit = 30 }) {
          asked.push({ symbol, from, to, at: clock.now() });
          if (fault && (faultOnly === null || faultOnly === symbol)) throw fault;
          const points: OpenInterestPoint[] = [];
          for (let ts = to - (to % POINT_MS); ts >= from && points.length < limit; ts -= POINT_MS) {
            points.unshift({ symbol, openInterest: ts / 1_000, openInterestUsd: 7, ts });
          }
          return { points, leftOut };
        },
      },
      server: {
        async selectOptionalLastTs() {
          if (serverIsAway) throw new Error('connect ECONNREFUSED');
          return knownToServer;
        },
      },
      gaps: {
        ...gaps,
        next(isLeftOut) {
          if (gapsFault) throw gapsFault;
          return gaps.next(isLeftOut);
        },
      },
      hasRoom: () => hasRoom,
      outbox: {
        put: (lane, items, alongside) =>
          spool.append(
            lane,
            items.map((it) => JSON.stringify(it)),
            alongside,
          ),
      },
      clock,
      logger: silentLogger,
    });
  }

  const pass = (ms: number) => passTime(clock, ms, { stepMs: 100, turns: 3 });

  function spooled(): {
    symbol: string;
    ts: number;
    source: string;
    openInterestUsd: number;
    markPrice?: number;
  }[] {
    const rows = store
      .prepare<[], { body: string }>("select body from item where lane = 'backlog' order by id")
      .all();
    return rows.map((row) => JSON.parse(row.body) as never);
  }

  it('fills a gap with the points between its ends, as backfill, with the USD value of the exchange', async () => {
    const to = clock.now();
    job.note({ symbol: 'A', from: to - HOUR_MS, to });
    await job.start();
    await pass(10 * SECOND_MS);
    expect(spooled().map((it) => it.ts)).toEqual(
      Array.from({ length: 11 }, (_, i) => to - (11 - i) * POINT_MS),
    );
    expect(spooled()[0]).toEqual({
      symbol: 'A',
      openInterest: (to - 11 * POINT_MS) / 1_000,
      openInterestUsd: 7,
      ts: to - 11 * POINT_MS,
      source: 'backfill',
      spooledAt: expect.any(Number),
    });
    expect(gaps.count()).toBe(0);
    expect(job.status()).toMatchObject({ state: 'up', ok: 11 });
  });

  it('fills a gap of days page by page, from the end backwards, and completely', async () => {
    const to = clock.now();
    job.note({ symbol: 'A', from: to - 4 * DAY_MS, to });
    await job.start();
    await pass(30 * SECOND_MS);
    const times = spooled().map((it) => it.ts);
    expect(new Set(times).size).toBe(4 * 288 - 1);
    expect(asked).toHaveLength(3);
    expect(asked[1]!.to).toBeLessThan(asked[0]!.to);
  });

  it('pauses while the spool has no room and resumes when it has', async () => {
    const to = clock.now();
    hasRoom = false;
    job.note({ symbol: 'A', from: to - HOUR_MS, to });
    await job.start();
    await pass(60 * SECOND_MS);
    expect(asked).toEqual([]);
    expect(job.status()).toMatchObject({ state: 'up', note: '1 gaps to fill' });
    hasRoom = true;
    leftOut = 0;
    await pass(6 * SECOND_MS);
    expect(spooled()).toHaveLength(11);
  });

  it('sends at most one request a second', async () => {
    const to = clock.now();
    for (let i = 0; i < 10; i += 1) job.note({ symbol: `S${i}`, from: to - HOUR_MS, to });
    await job.start();
    await pass(9 * SECOND_MS);
    expect(asked.length).toBeLessThanOrEqual(6);
    await pass(10 * SECOND_MS);
    expect(asked).toHaveLength(10);
  });

  it('skips symbols that the server already has without pausing: only requests to the exchange are paced', async () => {
    const to = clock.now();
    knownToServer = to - MINUTE_MS;
    for (let i = 0; i < 343; i += 1) job.note({ symbol: `S${i}`, from: null, to });
    await job.start();
    await pass(45 * SECOND_MS);
    expect(gaps.count()).toBe(0);
    expect(asked).toEqual([]);
  });

  it('keeps open gaps over a restart and a failing exchange', async () => {
    const to = clock.now();
    job.note({ symbol: 'A', from: to - HOUR_MS, to });
    fault = new ExchangeError('unavailable', '503');
    await job.start();
    await pass(10 * SECOND_MS);
    expect(job.status()).toMatchObject({ state: 'slow', note: '503' });
    await job.stop();
    store.close();
    await open();
    expect(gaps.count()).toBe(1);
    fault = null;
    await job.start();
    await pass(10 * SECOND_MS);
    expect(spooled()).toHaveLength(11);
  });

  it('Q8 continues with other symbols when the history of one cannot be read, and retries it later', async () => {
    const to = clock.now();
    for (const symbol of ['A', 'B', 'C']) job.note({ symbol, from: to - HOUR_MS, to });
    fault = new ExchangeError('unavailable', 'sumOpenInterest is not as documented');
    faultOnly = 'A';
    await job.start();
    await pass(MINUTE_MS);
    expect(new Set(spooled().map((it) => it.symbol))).toEqual(new Set(['B', 'C']));
    expect(gaps.count()).toBe(1);
    expect(asked.filter((it) => it.symbol === 'A')).toHaveLength(1);
    fault = null;
    await pass(10 * MINUTE_MS);
    expect(gaps.count()).toBe(0);
  });

  it('keeps the day before a symbol’s first reading over a restart and fills it whole while the server is unavailable', async () => {
    job.note({ symbol: 'A', from: null, to: clock.now() });
    store.close();
    await open();
    serverIsAway = true;
    await job.start();
    await pass(10 * SECOND_MS);
    expect(spooled()).toHaveLength(287);
    expect(gaps.count()).toBe(0);
  });

  it('pauses while the disk refuses writes, and ends the process when the store is broken', async () => {
    job.note({ symbol: 'A', from: clock.now() - HOUR_MS, to: clock.now() });
    gapsFault = Object.assign(new Error('disk I/O error'), { errcode: SQLITE_IOERR_READ });
    await job.start();
    await pass(40 * SECOND_MS);
    expect(job.status()).toMatchObject({ state: 'slow', note: 'disk I/O error' });
    gapsFault = Object.assign(new Error('database disk image is malformed'), { errcode: SQLITE_CORRUPT });
    await expect(pass(40 * SECOND_MS)).rejects.toThrow('database disk image is malformed');
  });

  it('drops the gap of a symbol that the exchange does not know', async () => {
    job.note({ symbol: 'A', from: clock.now() - HOUR_MS, to: clock.now() });
    fault = new ExchangeError('unknown_symbol', 'Invalid symbol.');
    await job.start();
    await pass(10 * SECOND_MS);
    expect(asked).toHaveLength(1);
    expect(gaps.count()).toBe(0);
  });

  it('asks the server for the last sample of a symbol never read here, and fills a day if there is none', async () => {
    const to = clock.now();
    knownToServer = to - 2 * HOUR_MS;
    job.note({ symbol: 'A', from: null, to });
    await job.start();
    await pass(10 * SECOND_MS);
    expect(spooled()).toHaveLength(23);
    knownToServer = null;
    job.note({ symbol: 'B', from: null, to });
    await pass(10 * SECOND_MS);
    expect(spooled().filter((it) => it.symbol === 'B')).toHaveLength(287);
  });

  it('requests the days still available when a gap starts before the exchange’s retention', async () => {
    const now = clock.now();
    job.note({ symbol: 'A', from: now - 40 * DAY_MS, to: now - 29 * DAY_MS });
    await job.start();
    await pass(10 * SECOND_MS);
    expect(asked.length).toBeGreaterThan(0);
    for (const it of asked) expect(it.from).toBeGreaterThan(it.at - 30 * DAY_MS);
    expect(spooled().length).toBeGreaterThan(250);
    expect(gaps.count()).toBe(0);
  });

  it('clamps a gap at the time of the request, as it may have waited for days', async () => {
    const noted = clock.now();
    job.note({ symbol: 'A', from: noted - 29 * DAY_MS, to: noted - 27 * DAY_MS });
    clock.set(noted + 2 * DAY_MS);
    await job.start();
    await pass(10 * SECOND_MS);
    expect(Math.min(...asked.map((it) => it.from))).toBeGreaterThan(clock.now() - 30 * DAY_MS);
    expect(spooled().length).toBeGreaterThan(250);
  });

  it('drops a gap wholly older than the exchange’s retention without a request', async () => {
    job.note({ symbol: 'A', from: clock.now() - 60 * DAY_MS, to: clock.now() - 31 * DAY_MS });
    await job.start();
    await pass(10 * SECOND_MS);
    expect([asked.length, gaps.count()]).toEqual([0, 0]);
  });

  it('counts and names unreadable rows, and includes them in the size of a page', async () => {
    leftOut = 1;
    job.note({ symbol: 'A', from: clock.now() - HOUR_MS, to: clock.now() });
    await job.start();
    await pass(10 * SECOND_MS);
    expect(spooled()).toHaveLength(11);
    expect(job.status()).toMatchObject({
      state: 'up',
      note: '1 rows of history left out, as they cannot be read',
    });
  });

  it('ignores a server’s last sample that lies in the future', async () => {
    knownToServer = clock.now() + HOUR_MS;
    job.note({ symbol: 'A', from: null, to: clock.now() });
    await job.start();
    await pass(10 * SECOND_MS);
    expect(spooled().length).toBeGreaterThan(280);
  });
});
