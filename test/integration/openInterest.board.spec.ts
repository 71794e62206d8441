import { describe, expect, it } from '@jest/globals';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { BoardBody, OpenInterestCacheBody } from '../../src/openInterest/openInterest.types.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { bearer, getJson, postChunk, readBoard, readRefusal } from '../support/openInterestCalls.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withFreshServer } from '../support/withServer.ts';

const CACHE = '/api/market/open-interest';
const BOARD = `${CACHE}/board`;

const { server, clock, restart } = withFreshServer({
  newClock: () => createFakeClock(Date.UTC(2026, 10, 20, 14, 2, 0)),
});

const post = (symbols: string[], openInterestUsd = 2_000) =>
  postChunk(server, aChunk(symbols, { ts: clock.now(), item: { openInterestUsd } }));

async function readSince(since: string): Promise<BoardBody> {
  return BoardBody.parse(await getJson(server, `${BOARD}?since=${since}`, await bearer(server, 'pro')));
}

async function readCache(headers: Record<string, string> = {}): Promise<OpenInterestCacheBody> {
  return OpenInterestCacheBody.parse(await getJson(server, CACHE, headers));
}

/** Moves time past the next 5-minute mark, and until the boards are frozen there. */
async function passMark(): Promise<void> {
  const before = await readBoard(server, 'free');
  clock.advance(before.nextSnapshotAt! - clock.now() + SECOND_MS);
  await waitFor('the mark', async () => {
    // Skipped marks are taken at the next tick of this clock.
    clock.advance(0);
    return (await readBoard(server, 'free')).asOf === before.nextSnapshotAt;
  });
}

describe('GET /api/market/open-interest/board', () => {
  it('answers 304 until something changes, by an ETag of epoch, tier and position', async () => {
    await post(['BTCUSDT']);
    const pro = await bearer(server, 'pro');
    const first = await server.get(BOARD, pro);
    const tag = first.headers.get('etag')!;
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect(first.headers.get('vary')).toContain('Authorization');
    const again = () => server.get(BOARD, { ...pro, 'If-None-Match': tag });
    expect([(await again()).status, (await again()).headers.get('etag')]).toEqual([304, tag]);
    clock.advance(SECOND_MS);
    await post(['BTCUSDT'], 3_000);
    const changed = await again();
    expect([changed.status, changed.headers.get('etag') === tag]).toEqual([200, false]);
    const elite = await server.get(BOARD, await bearer(server, 'elite'));
    expect(elite.headers.get('etag')).not.toBe(changed.headers.get('etag'));
  });

  it('answers 304 to a list of tags, as caches send it', async () => {
    await post(['BTCUSDT']);
    const pro = await bearer(server, 'pro');
    const tag = (await server.get(BOARD, pro)).headers.get('etag')!;
    for (const list of [`"x", ${tag}`, `${tag},W/"y"`, tag.replace('W/', ''), '*']) {
      expect((await server.get(BOARD, { ...pro, 'If-None-Match': list })).status).toBe(304);
    }
  });

  it('answers since=EPOCH:SEQ with later changes only', async () => {
    await post(symbolNames(10));
    clock.advance(SECOND_MS);
    const { epoch, seq } = await readBoard(server);
    expect(await readSince(`${epoch}:${seq}`)).toMatchObject({ full: false, from: seq, seq, rows: [] });
    await post(['SYM3USDT', 'NEWUSDT']);
    for (const waiting of [true, false]) {
      // Before its window is published a change carries the coming seq; afterwards it has it.
      const missed = await readSince(`${epoch}:${seq}`);
      expect(missed).toMatchObject({ full: false, from: seq, seq: waiting ? seq : seq + 1 });
      expect(new Map(missed.rows.map((it) => [it.symbol, it.seq]))).toEqual(
        new Map([
          ['NEWUSDT', seq + 1],
          ['SYM3USDT', seq + 1],
        ]),
      );
      clock.advance(SECOND_MS);
    }
    expect((await readSince(`${epoch}:${seq + 1}`)).rows).toEqual([]);
  });

  it('answers the whole board to another epoch and to a future position', async () => {
    await post(symbolNames(10));
    const { epoch, seq } = await readBoard(server);
    for (const since of [`other:${seq}`, `${epoch}:${seq + 100}`, `${epoch}:999999999999999`]) {
      const whole = await readSince(since);
      expect([whole.full, whole.rows.length, whole.epoch]).toEqual([true, 10, epoch]);
    }
    await restart();
    expect(await readSince(`${epoch}:${seq}`)).toMatchObject({ full: true });
  });

  it('includes symbols that left while a client was disconnected', async () => {
    await post(['OLDUSDT', 'BTCUSDT']);
    clock.advance(SECOND_MS);
    const { epoch, seq } = await readBoard(server);
    for (let min = 0; min <= 63; min += 9) {
      clock.advance(9 * MINUTE_MS);
      await post(['BTCUSDT']);
    }
    clock.advance(MINUTE_MS);
    const { rows } = await waitFor('the departure', async () => {
      const missed = await readSince(`${epoch}:${seq}`);
      return missed.rows.some((it) => 'removed' in it) ? missed : null;
    });
    expect(rows).toContainEqual({ symbol: 'OLDUSDT', removed: true, seq: expect.any(Number) });
    expect((await readBoard(server)).rows.map((it) => it.symbol)).toEqual(['BTCUSDT']);
  });

  it.each(['', 'x', 'epoch', 'epoch:', ':1', 'epoch:-1', 'epoch:1.5', 'a b:1', `${'e'.repeat(65)}:1`])(
    'X1 answers 400 to since=%s',
    async (since) => {
      const response = await server.get(
        `${BOARD}?since=${encodeURIComponent(since)}`,
        await bearer(server, 'pro'),
      );
      expect(await readRefusal(response)).toMatchObject({ status: 400, details: [{ path: '?since' }] });
    },
  );
});

describe('data per tier', () => {
  it('L8 Free sees the board of the last 5-minute mark, Pro the present one', async () => {
    await post(['BTCUSDT'], 1_000);
    await passMark();
    await post(['BTCUSDT', 'ETHUSDT'], 5_000);
    const [free, pro] = [await readBoard(server, 'free'), await readBoard(server, 'pro')];
    expect(free).toMatchObject({
      tier: 'free',
      mode: 'snapshot',
      asOf: Date.UTC(2026, 10, 20, 14, 5),
      nextSnapshotAt: Date.UTC(2026, 10, 20, 14, 10),
      rows: [{ symbol: 'BTCUSDT', openInterestUsd: 1_000 }],
    });
    expect(pro).toMatchObject({ tier: 'pro', mode: 'realtime', asOf: clock.now(), nextSnapshotAt: null });
    expect(pro.rows).toHaveLength(2);
    expect(free.epoch).not.toBe(pro.epoch);
    await passMark();
    expect((await readBoard(server, 'free')).rows).toHaveLength(2);
  });

  it('L8 Free sees the 50 symbols with the most volume on the board, and all of them on the map', async () => {
    const symbols = symbolNames(60);
    await post(symbols);
    const universe = symbols.map((symbol, i) => ({ symbol, quoteVolume24h: 1e7 + i }));
    await server.post('/api/market/open-interest/liquid-universe/update', { symbols: universe });
    await passMark();
    const { rows } = await readBoard(server, 'free');
    expect(rows.map((it) => it.symbol).toSorted()).toEqual(symbols.slice(10).toSorted());
    expect(Object.keys((await readCache()).data)).toHaveLength(60);
  });

  it('L8 the map is live for Pro, Elite and admins, and of the last mark for all others', async () => {
    await post(['BTCUSDT'], 1_000);
    await passMark();
    await post(['BTCUSDT'], 5_000);
    const seenBy = async (headers: Record<string, string>) => (await readCache(headers)).data['BTCUSDT'];
    expect(await seenBy({})).toBe(1_000);
    expect(await seenBy(await bearer(server, 'free'))).toBe(1_000);
    expect(await seenBy({ 'X-API-Key': INGEST_KEY })).toBe(1_000);
    expect(await seenBy({ Cookie: 'oi_session=expired.or.broken' })).toBe(1_000);
    for (const tier of ['pro', 'elite'] as const)
      expect(await seenBy(await bearer(server, tier))).toBe(5_000);
    expect(await seenBy(await bearer(server, 'free', { role: 'admin' }))).toBe(5_000);
    expect(await seenBy({ Cookie: `oi_session=${await server.token('pro')}` })).toBe(5_000);
  });

  it('L8 every tier sees the 5-minute snapshot in shadow mode, and ingest continues', async () => {
    await restart({ env: { OPEN_INTEREST_REALTIME_ENABLED: 'false' } });
    await post(symbolNames(60), 1_000);
    await passMark();
    await post(['SYM0USDT'], 5_000);
    const pro = await readBoard(server, 'pro');
    expect([pro.mode, pro.rows.length]).toEqual(['snapshot', 60]);
    expect((await readCache(await bearer(server, 'pro'))).data['SYM0USDT']).toBe(1_000);
  });

  it('keeps the last mark over a restart', async () => {
    await post(['BTCUSDT'], 1_000);
    await passMark();
    await post(['BTCUSDT'], 5_000);
    await restart();
    expect(await readBoard(server, 'free')).toMatchObject({ rows: [{ openInterestUsd: 1_000 }] });
    expect(await readBoard(server, 'pro')).toMatchObject({ rows: [{ openInterestUsd: 5_000 }] });
  });

  it('C4 a restart does not restore a symbol that has left', async () => {
    await post(['GONEUSDT', 'BTCUSDT']);
    // The feed continues, so the symbol's silence counts.
    for (let minutes = 0; minutes < 72; minutes += 9) {
      clock.advance(9 * MINUTE_MS);
      await post(['BTCUSDT']);
    }
    clock.advance(MINUTE_MS);
    await passMark();
    const symbols = async () => Object.keys((await readCache()).data);
    expect(await symbols()).toEqual(['BTCUSDT']);
    await restart();
    expect(await symbols()).toEqual(['BTCUSDT']);
    expect((await readBoard(server, 'free')).rows.map((row) => row.symbol)).toEqual(['BTCUSDT']);
  });

  it('L3 the map is stale after 5 min and dangerously stale after 6.5, by the newest data', async () => {
    const pro = await bearer(server, 'pro');
    expect(await readCache(pro)).toEqual({ data: {}, stale: true, asOf: null, dangerouslyStale: true });
    await post(['BTCUSDT']);
    const asOf = clock.now();
    for (const [ageSec, stale, dangerouslyStale] of [
      [0, false, false],
      [300, false, false],
      [301, true, false],
      [391, true, true],
    ] as const) {
      clock.set(asOf + ageSec * SECOND_MS);
      expect(await readCache(pro)).toMatchObject({ asOf, stale, dangerouslyStale, data: { BTCUSDT: 2_000 } });
    }
  });
});
