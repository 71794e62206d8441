import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { withOpened } from '../support/withOpened.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const epochMs = z.int().min(Date.UTC(2017));

const ExchangeInfo = z.object({
  timezone: z.literal('UTC'),
  serverTime: epochMs,
  rateLimits: z.array(
    z.object({ rateLimitType: z.string(), interval: z.string(), intervalNum: z.int(), limit: z.int() }),
  ),
  symbols: z.array(
    z.object({
      symbol: z.string(),
      pair: z.string(),
      contractType: z.enum(['PERPETUAL', 'TRADIFI_PERPETUAL', 'CURRENT_QUARTER', 'NEXT_QUARTER']),
      status: z.enum(['TRADING', 'SETTLING', 'PENDING_TRADING']),
      baseAsset: z.string(),
      quoteAsset: z.string(),
      underlyingType: z.string(),
      underlyingSubType: z.array(z.string()),
      onboardDate: epochMs,
      deliveryDate: epochMs,
      pricePrecision: z.int(),
      quantityPrecision: z.int(),
      filters: z.array(z.looseObject({ filterType: z.string() })).min(7),
    }),
  ),
});

const PremiumIndex = z.strictObject({
  symbol: z.string(),
  markPrice: decimal,
  indexPrice: decimal,
  estimatedSettlePrice: decimal,
  lastFundingRate: decimal,
  interestRate: decimal,
  nextFundingTime: z.int(),
  time: epochMs,
});

const LongShortRatio = z.strictObject({
  symbol: z.literal('ETHUSDT'),
  longAccount: decimal,
  longShortRatio: decimal,
  shortAccount: decimal,
  timestamp: epochMs,
});

const TakerRatio = z.strictObject({
  buySellRatio: decimal,
  sellVol: decimal,
  buyVol: decimal,
  timestamp: epochMs,
});

const Ticker = z.strictObject({
  symbol: z.string(),
  priceChange: decimal,
  priceChangePercent: decimal,
  weightedAvgPrice: decimal,
  lastPrice: decimal,
  lastQty: decimal,
  openPrice: decimal,
  highPrice: decimal,
  lowPrice: decimal,
  volume: decimal,
  quoteVolume: decimal,
  openTime: epochMs,
  closeTime: epochMs,
  firstId: z.int(),
  lastId: z.int(),
  count: z.int(),
});

const OpenInterest = z.strictObject({ symbol: z.string(), openInterest: decimal, time: epochMs });
const OpenInterestHistory = z.array(
  z.strictObject({
    symbol: z.string(),
    sumOpenInterest: decimal,
    sumOpenInterestValue: decimal,
    CMCCirculatingSupply: decimal,
    timestamp: epochMs,
  }),
);

describe('simulated exchange over HTTP', () => {
  const clock = createFakeClock();
  const simulator = withOpened(() => startSimulator({ clock, seed: 7 }), 'close');
  let address = 0;

  /** By default each call is from a different address. */
  async function get(path: string, ip = `198.51.100.${(address += 1)}`): Promise<Response> {
    return fetch(`${simulator.restUrl}${path}`, { headers: { 'X-Simulated-Ip': ip } });
  }
  async function getJson(path: string): Promise<unknown> {
    const response = await get(path);
    expect(response.status).toBe(200);
    return response.json();
  }

  it('lists real contracts of every type and status in exchangeInfo', async () => {
    const info = ExchangeInfo.parse(await getJson('/fapi/v1/exchangeInfo?symbol=BTCUSDT'));
    const count = (status: string) => info.symbols.filter((it) => it.status === status).length;
    expect(info.symbols.length).toBeGreaterThan(800);
    expect(count('TRADING')).toBeGreaterThanOrEqual(650);
    expect(count('SETTLING')).toBe(123);
    expect(count('PENDING_TRADING')).toBe(3);
    expect(new Set(info.symbols.map((it) => it.contractType)).size).toBe(4);
    expect(new Set(info.symbols.map((it) => it.quoteAsset))).toEqual(
      new Set(['USDT', 'USDC', 'USD1', 'U', 'BTC']),
    );
    const names = info.symbols.map((it) => it.symbol);
    expect(names).toEqual(
      expect.arrayContaining([
        '币安人生USDT',
        '龙虾USDT',
        '1000SHIBUSDT',
        '1000000MOGUSDT',
        '4USDT',
        'BTCUSDT_261225',
      ]),
    );
    expect(info.rateLimits[0]).toMatchObject({ rateLimitType: 'REQUEST_WEIGHT', limit: 2_400 });
  });

  it('stamps exchangeInfo with the hour it was generated, which is no clock', async () => {
    const info = ExchangeInfo.parse(await getJson('/fapi/v1/exchangeInfo'));
    const { serverTime } = z.object({ serverTime: epochMs }).parse(await getJson('/fapi/v1/time'));
    expect(serverTime).toBe(clock.now());
    expect(serverTime - info.serverTime).toBeGreaterThanOrEqual(1.1 * HOUR_MS);
    expect(serverTime - info.serverTime).toBeLessThan(9.5 * HOUR_MS);
  });

  it('answers premiumIndex for one and for all, with settled contracts frozen under the present time', async () => {
    const rows = z.array(PremiumIndex).parse(await getJson('/fapi/v1/premiumIndex'));
    const info = ExchangeInfo.parse(await getJson('/fapi/v1/exchangeInfo'));
    const known = new Set(info.symbols.map((it) => it.symbol));
    expect(rows.filter((row) => !known.has(row.symbol)).map((row) => row.symbol)).toEqual([
      'EOSUSDT',
      'MATICUSDT',
      'FRONTUSDT',
    ]);
    const settling = new Set(info.symbols.filter((it) => it.status === 'SETTLING').map((it) => it.symbol));
    for (const row of rows) {
      expect(Number(row.markPrice)).toBeGreaterThan(0);
      expect(Number(row.estimatedSettlePrice) === 0).toBe(settling.has(row.symbol));
      expect(clock.now() - row.time).toBeLessThan(SECOND_MS);
    }
    const frozen = rows.find((row) => row.symbol === 'MKRUSDT')!;
    clock.advance(HOUR_MS);
    const later = PremiumIndex.parse(await getJson('/fapi/v1/premiumIndex?symbol=MKRUSDT'));
    expect(later).toEqual({ ...frozen, time: clock.now(), nextFundingTime: later.nextFundingTime });
    const bitcoin = PremiumIndex.parse(await getJson('/fapi/v1/premiumIndex?symbol=BTCUSDT'));
    expect(bitcoin.markPrice).not.toBe(rows.find((row) => row.symbol === 'BTCUSDT')!.markPrice);
    expect(bitcoin.nextFundingTime - clock.now()).toBeLessThanOrEqual(8 * HOUR_MS);
  });

  it('answers ticker/24hr for one and for all that trade, with a consistent day', async () => {
    const rows = z.array(Ticker).parse(await getJson('/fapi/v1/ticker/24hr'));
    expect(rows.length).toBeGreaterThanOrEqual(650);
    for (const row of rows) {
      const [low, high] = [Number(row.lowPrice), Number(row.highPrice)];
      for (const price of [row.openPrice, row.lastPrice].map(Number)) {
        expect(price).toBeGreaterThanOrEqual(low);
        expect(price).toBeLessThanOrEqual(high);
      }
      expect(row.lastId - row.firstId + 1).toBe(row.count);
    }
    expect(Ticker.parse(await getJson('/fapi/v1/ticker/24hr?symbol=BTCUSDT'))).toEqual(rows[0]);
    expect(rows.filter((row) => Number(row.quoteVolume) >= 4e6).length).toBeGreaterThan(343);
  });

  it('answers openInterest with the contract’s precision and the time of the figure', async () => {
    const bitcoin = OpenInterest.parse(await getJson('/fapi/v1/openInterest?symbol=BTCUSDT'));
    expect(bitcoin.openInterest).toMatch(/^\d{5,6}\.\d{3}$/);
    expect(clock.now() - bitcoin.time).toBeLessThan(3 * SECOND_MS);
    const chinese = OpenInterest.parse(
      await getJson(`/fapi/v1/openInterest?symbol=${encodeURIComponent('币安人生USDT')}`),
    );
    expect(chinese.symbol).toBe('币安人生USDT');
    expect(chinese.openInterest).toMatch(/^\d+$/);
  });

  it.each([
    ['/fapi/v1/openInterest?symbol=NOPEUSDT', 400, -1121],
    ['/fapi/v1/openInterest?symbol=MKRUSDT', 400, -4108],
    ['/fapi/v1/openInterest', 400, -1102],
    ['/fapi/v1/openInterest?symbol=', 400, -1102],
    ['/fapi/v1/openInterest?symbol=BTCUSDT&symbol=ETHUSDT', 400, -1102],
    ['/fapi/v1/ticker/24hr?symbol=nope', 400, -1121],
    ['/fapi/v1/ticker/24hr?symbol=', 400, -1105],
    ['/fapi/v1/premiumIndex?symbol=constructor', 400, -1121],
    ['/futures/data/openInterestHist?symbol=BTCUSDT', 400, -1102],
    ['/futures/data/openInterestHist?symbol=BTCUSDT&period=7m', 400, -1130],
    ['/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&limit=501', 400, -1130],
    ['/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&startTime=1600000000000', 400, -1130],
    ['/futures/data/openInterestHist?symbol=NOPEUSDT&period=5m', 400, -1121],
    ['/fapi/v1/klines?symbol=BTCUSDT', 404, -5000],
  ])('refuses %s with %i and code %i', async (path, status, code) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ code, msg: expect.any(String) });
  });

  it('answers openInterestHist at whole periods, newest last, truncated to the newest', async () => {
    const path = '/futures/data/openInterestHist?symbol=ETHUSDT&period=5m';
    const rows = OpenInterestHistory.parse(await getJson(`${path}&limit=500`));
    expect(rows).toHaveLength(500);
    rows.forEach((row, index) => {
      expect(row.timestamp % (5 * MINUTE_MS)).toBe(0);
      if (index > 0) expect(row.timestamp - rows[index - 1]!.timestamp).toBe(5 * MINUTE_MS);
    });
    expect(clock.now() - rows.at(-1)!.timestamp).toBeLessThanOrEqual(5 * MINUTE_MS + 10 * SECOND_MS);
    expect(await getJson(path)).toEqual(rows.slice(-30));
    const from = clock.now() - DAY_MS;
    const range = OpenInterestHistory.parse(
      await getJson(`${path}&startTime=${from}&endTime=${from + HOUR_MS}&limit=3`),
    );
    expect(range).toHaveLength(3);
    expect(range.at(-1)!.timestamp).toBe(from + HOUR_MS);
    const implied = Number(rows[0]!.sumOpenInterestValue) / Number(rows[0]!.sumOpenInterest);
    expect(new Set(rows.map((it) => it.CMCCirculatingSupply)).size).toBe(1);
    expect(Number(rows[0]!.sumOpenInterest) / Number(rows[0]!.CMCCirculatingSupply)).toBeLessThan(0.4);
    expect(implied).toBeCloseTo(simulator.market.markPriceAt('ETHUSDT', rows[0]!.timestamp), 1);
  });

  it.each([
    ['topLongShortPositionRatio', LongShortRatio],
    ['topLongShortAccountRatio', LongShortRatio],
    ['globalLongShortAccountRatio', LongShortRatio],
    ['takerlongshortRatio', TakerRatio],
  ])(
    'answers %s at whole periods, with the limit and the refusals of openInterestHist',
    async (name, Row) => {
      const path = `/futures/data/${name}?symbol=ETHUSDT`;
      const rows = z.array(Row).parse(await getJson(`${path}&period=5m&limit=100`));
      expect(rows).toHaveLength(100);
      rows.forEach((row, index) => {
        if (index > 0) expect(row.timestamp - rows[index - 1]!.timestamp).toBe(5 * MINUTE_MS);
        if ('longAccount' in row) {
          expect(Number(row.longAccount) + Number(row.shortAccount)).toBeCloseTo(1, 4);
          expect(Number(row.longAccount) / Number(row.shortAccount)).toBeCloseTo(
            Number(row.longShortRatio),
            3,
          );
        } else expect(Number(row.buyVol) / Number(row.sellVol)).toBeCloseTo(Number(row.buySellRatio), 3);
      });
      expect(await getJson(`${path}&period=5m`)).toEqual(rows.slice(-30));
      expect(await (await get(`${path}&period=7m`)).json()).toMatchObject({ code: -1130 });
      expect(await (await get(`/futures/data/${name}?symbol=NOPEUSDT&period=5m`)).json()).toMatchObject({
        code: -1121,
      });
    },
  );

  it('answers the same history for the same seed in another process', async () => {
    const twin = await startSimulator({ clock, seed: 7 });
    try {
      const path = '/futures/data/openInterestHist?symbol=SOLUSDT&period=5m&limit=100';
      expect(await (await fetch(`${twin.restUrl}${path}`)).json()).toEqual(await getJson(path));
    } finally {
      await twin.close();
    }
  });
});
