import { beforeEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import {
  OpenInterestCacheBody,
  OpenInterestIngestRequest,
} from '../../src/openInterest/openInterest.types.ts';
import { aChunk, anItem, symbolNames } from '../support/builders.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import {
  bearer,
  getJson,
  postChunk,
  readBoard,
  readRefusal,
  readRows,
} from '../support/openInterestCalls.ts';
import { INGEST_KEY } from '../support/testServer.ts';
import { withFreshServer } from '../support/withServer.ts';

const INGEST = '/api/market/open-interest/ingest';
const CACHE = '/api/market/open-interest';

const { database, server, clock, restart } = withFreshServer();

async function storedRows(): Promise<Record<string, unknown>[]> {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    'select * from open_interest_snapshots order by symbol, ts, source',
  );
  return rows;
}

describe('POST /api/market/open-interest/ingest', () => {
  it('stores a legacy chunk without source as snapshot', async () => {
    const { source: _, ...legacy } = aChunk(['BTCUSDT'], { ts: clock.now() });
    expect(await postChunk(server, legacy)).toMatchObject({ success: true, inserted: 1, cached: 1 });
    expect(await storedRows()).toMatchObject([{ symbol: 'BTCUSDT', source: 'snapshot' }]);
    expect((await readRows(server)).get('BTCUSDT')?.source).toBe('snapshot');
  });

  it('stores a realtime chunk as realtime, with a source per item if set', async () => {
    const chunk = aChunk(['BTCUSDT', 'ETHUSDT'], { ts: clock.now() });
    chunk.data[1]!['source'] = 'snapshot_legacy';
    await postChunk(server, chunk);
    expect((await storedRows()).map((row) => row['source'])).toEqual(['realtime', 'snapshot_legacy']);
  });

  it('accepts the same chunk on the bare path, where older scripts post', async () => {
    const chunk = aChunk(['BTCUSDT'], { ts: clock.now() });
    expect(await postChunk(server, chunk, CACHE)).toMatchObject({ inserted: 1, duplicates: 0 });
    expect(await postChunk(server, chunk, INGEST)).toMatchObject({ inserted: 0, duplicates: 1 });
  });

  it('I9 refuses a bad item alone, with its index, symbol, code and message', async () => {
    const chunk = aChunk(['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT', 'EUSDT'], { ts: clock.now() });
    Object.assign(chunk.data[1]!, { symbol: 'NOT A SYMBOL' });
    Object.assign(chunk.data[2]!, { openInterest: -1 });
    Object.assign(chunk.data[4]!, { ts: clock.now() + 61 * SECOND_MS });
    const answer = await postChunk(server, chunk);
    expect(answer).toMatchObject({ success: false, received: 5, inserted: 2, duplicates: 0, cached: 2 });
    expect(answer.rejected).toEqual([
      { index: 1, symbol: 'NOT A SYMBOL', code: 'symbol_invalid', message: expect.any(String) },
      { index: 2, symbol: 'CUSDT', code: 'open_interest_invalid', message: expect.any(String) },
      { index: 4, symbol: 'EUSDT', code: 'ts_in_future', message: expect.stringContaining('clock') },
    ]);
    expect(answer.errors).toHaveLength(3);
    expect((await storedRows()).map((row) => row['symbol'])).toEqual(['AUSDT', 'DUSDT']);
  });

  it('accepts 500 items and refuses 501 as a whole', async () => {
    const symbols = symbolNames(501);
    const tooMany = await readRefusal(await server.post(INGEST, aChunk(symbols, { ts: clock.now() })));
    expect(tooMany).toMatchObject({ status: 400, code: 'invalid_payload' });
    expect(tooMany.message).toContain('at most 500');
    expect(await storedRows()).toHaveLength(0);
    const most = await postChunk(server, aChunk(symbols.slice(1), { ts: clock.now() }));
    expect(most).toMatchObject({ received: 500, inserted: 500, cached: 500 });
  });

  it('L2 I4 keeps 343 symbols from chunks of 100, 100, 100 and 43 in every order', async () => {
    const symbols = symbolNames(343);
    const slices = [0, 100, 200, 300].map((from) => symbols.slice(from, from + 100));
    for (const [sweep, order] of permutations(slices).entries()) {
      let cached = sweep === 0 ? 0 : 343;
      for (const slice of order) {
        const answer = await postChunk(server, aChunk(slice, { ts: clock.now() + sweep * SECOND_MS }));
        expect(answer.inserted).toBe(slice.length);
        expect(answer.cached).toBe(sweep === 0 ? (cached += slice.length) : 343);
      }
    }
    expect((await readRows(server)).size).toBe(343);
  });

  it('normalizes symbols and never assumes ASCII', async () => {
    const symbols = ['币安人生USDT', 'btc-usdt', 'ETH_USDT', '龙虾USDT', '1000PEPEUSDT'];
    expect(await postChunk(server, aChunk(symbols, { ts: clock.now() }))).toMatchObject({ inserted: 5 });
    const expected = ['1000PEPEUSDT', 'BTCUSDT', 'ETHUSDT', '币安人生USDT', '龙虾USDT'];
    expect([...(await readRows(server)).keys()].toSorted()).toEqual(expected);
    const path = `/api/market/open-interest/samples?symbol=${encodeURIComponent('币安人生usdt')}`;
    expect(await getJson(server, path, await bearer(server, 'pro'))).toMatchObject({
      symbol: '币安人生USDT',
      count: 1,
    });
  });

  it('stores times to the millisecond, as ISO with a zone or epoch ms', async () => {
    const data = [
      anItem('AUSDT', { ts: '2026-11-20T15:00:00.123+01:00' }),
      anItem('BUSDT', { ts: Date.UTC(2026, 10, 20, 13, 59, 59, 7) }),
      anItem('CUSDT'),
    ];
    await postChunk(server, { data, timestamp: '2026-11-20T13:59:30Z', source: 'realtime' });
    expect((await storedRows()).map((row) => (row['ts'] as Date).toISOString())).toEqual([
      '2026-11-20T14:00:00.123Z',
      '2026-11-20T13:59:59.007Z',
      '2026-11-20T13:59:30.000Z',
    ]);
  });

  it.each([
    ['just before midnight', Date.UTC(2026, 10, 20, 23, 59, 59, 999)],
    ['at midnight', Date.UTC(2026, 10, 21, 0, 0, 0, 0)],
  ])('has a partition for every time it accepts, %s', async (_, now) => {
    await restart({ clock: createFakeClock(now), env: { OI_RETENTION_DAYS: '30' } });
    const [oldest, newest] = [now - 30 * DAY_MS, now + MINUTE_MS];
    const data = [oldest - 1, oldest, newest, newest + 1].map((ts, i) => anItem(`S${i}USDT`, { ts }));
    const answer = await postChunk(server, { data, source: 'realtime' });
    expect(answer.rejected.map((it) => [it.index, it.code])).toEqual([
      [0, 'ts_too_old'],
      [3, 'ts_in_future'],
    ]);
    expect((await storedRows()).map((row) => (row['ts'] as Date).getTime())).toEqual([oldest, newest]);
  });

  it('refuses a chunk without a valid item, with the reason for each', async () => {
    const refusal = await readRefusal(await server.post(INGEST, { data: [null, { symbol: 'BTCUSDT' }] }));
    expect(refusal).toMatchObject({ status: 400, code: 'no_valid_items' });
    expect(refusal.details.map((it) => it.path)).toEqual(['data[0]', 'data[1]']);
  });

  it('does not read the body without a valid key', async () => {
    const response = await server.post(INGEST, '{not json', { 'X-API-Key': `${INGEST_KEY}x` });
    expect(await readRefusal(response)).toMatchObject({ status: 401, code: 'key_unknown' });
  });
});

describe("the original's poller", () => {
  const PRICED = 150;

  /** As it posts: chunks of 100, a time to the second, 0.0 where the price file had no price. */
  function sweep(): OpenInterestIngestRequest[] {
    const items = symbolNames(342).map((symbol, i) =>
      i < PRICED
        ? { symbol, openInterest: 1_000.5, openInterestUsd: 1_000.5 * 2, markPrice: 2 }
        : { symbol, openInterest: 1_000.5, openInterestUsd: 0, markPrice: 0 },
    );
    items.unshift({
      symbol: 'BTCUSDT',
      openInterest: 90_761.482,
      openInterestUsd: 8_445_361_234.5,
      markPrice: 93_050.07,
    });
    return [0, 100, 200, 300].map((from) => {
      const data = items.slice(from, from + 100);
      return { data, timestamp: '2026-11-20T14:00:00Z', totalSymbols: data.length, source: 'realtime' };
    });
  }

  beforeEach(async () => {
    for (const chunk of sweep()) await postChunk(server, chunk);
  });

  it('L1 C4 leaves 343 of 343 on the board, BTC at $8.45B, and invents no zero', async () => {
    const rows = await readRows(server);
    expect(rows.size).toBe(343);
    expect(rows.get('BTCUSDT')?.openInterestUsd).toBe(8_445_361_234.5);
    const unknown = [...rows.values()].filter((row) => row.openInterestUsd === null);
    expect(unknown).toHaveLength(342 - PRICED);
    expect(unknown.every((row) => row.markPrice === null && row.openInterest === 1_000.5)).toBe(true);
    for (const row of rows.values()) {
      expect([row.openInterest, row.openInterestUsd, row.markPrice, row.fundingRate]).not.toContain(0);
    }
    const zeros = await database.pool.query(
      `select symbol from open_interest_snapshots
       where 0 in (open_interest, open_interest_usd, mark_price, funding_rate)`,
    );
    expect(zeros.rows).toEqual([]);
  });

  it('L1 C4 omits unknown values from the map, so that its web client shows none of them as $0.00', async () => {
    const { data } = OpenInterestCacheBody.parse(await getJson(server, CACHE, await bearer(server, 'pro')));
    expect(Object.keys(data)).toHaveLength(1 + PRICED);
    expect(Object.values(data)).not.toContain(0);
  });

  it('L1 C4 keeps zero contracts as zero, as in a settled market', async () => {
    clock.advance(10 * SECOND_MS);
    const settled = anItem('BTCUSDT', { openInterest: -0, openInterestUsd: 0, markPrice: 93_041.35 });
    await postChunk(server, { data: [settled], timestamp: '2026-11-20T14:00:10Z', source: 'realtime' });
    const row = (await readRows(server)).get('BTCUSDT');
    expect(row).toMatchObject({ openInterest: 0, openInterestUsd: 0, markPrice: 93_041.35 });
  });

  it('L1 does not reuse an old price: a sample without a price has no USD value', async () => {
    clock.advance(10 * SECOND_MS);
    const unpriced = anItem('BTCUSDT', { openInterest: 91_000, openInterestUsd: 0, markPrice: 0 });
    const answer = await postChunk(server, { data: [unpriced], timestamp: '2026-11-20T14:00:10Z' });
    expect(answer).toMatchObject({ success: true, inserted: 1, withoutUsd: 1 });
    const row = (await readRows(server)).get('BTCUSDT');
    expect(row).toMatchObject({ openInterest: 91_000, openInterestUsd: null, markPrice: null });
    expect((await readBoard(server)).rows).toHaveLength(343);
  });
});

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
