import { z } from 'zod';

/** The exchange writes numbers as text: `"106312.376"`. */
const decimal = z
  .union([z.string().regex(/^-?\d+(\.\d+)?$/), z.number()])
  .transform(Number)
  .pipe(z.number());
/** The exchange has had futures since September 2019: an earlier time is in seconds, one after 2100 in microseconds. */
const EARLIEST = Date.UTC(2019, 8);
const LATEST = Date.UTC(2100, 0);

/** Epoch ms; history rows carry it as text in the documentation and as a number in practice. */
const time = z
  .union([z.string().regex(/^\d+$/), z.number()])
  .transform(Number)
  .pipe(z.int().min(EARLIEST, 'must be epoch ms').max(LATEST, 'must be epoch ms'));

/** `{"symbol":"BTCUSDT","openInterest":"106312.376","time":1789478297197}` */
export const OpenInterestBody = z.object({
  symbol: z.string(),
  openInterest: decimal.pipe(z.number().min(0)),
  time,
});

/**
 * `{"symbol":"BTCUSDT","sumOpenInterest":"104882.705","sumOpenInterestValue":"6653666199.09",
 *   "CMCCirculatingSupply":"20086328.00000000","timestamp":1783306800000}`
 *
 * The supply is in coins, also where a contract is a thousand of them. It is absent or 0 where there is no figure.
 */
export const OpenInterestHistRow = z.object({
  symbol: z.string(),
  sumOpenInterest: decimal.pipe(z.number().min(0)),
  sumOpenInterestValue: decimal.pipe(z.number().min(0)).nullable().catch(null),
  CMCCirculatingSupply: decimal.pipe(z.number().positive()).nullable().catch(null),
  timestamp: time,
});

/**
 * Longs over shorts, of top traders or of all accounts. The documentation has the time as text.
 * `{"symbol":"BTCUSDT","longShortRatio":"1.4342","longAccount":"0.5891","shortAccount":"0.4108","timestamp":1583139600000}`
 */
export const LongShortRow = z.object({
  symbol: z.string(),
  longShortRatio: decimal.pipe(z.number().min(0)),
  timestamp: time,
});

/**
 * Contracts that takers bought and sold. It names no symbol.
 * `{"buySellRatio":"1.5586","buyVol":"387.3300","sellVol":"248.5030","timestamp":1585614900000}`
 */
export const TakerVolumeRow = z.object({
  buyVol: decimal.pipe(z.number().min(0)),
  sellVol: decimal.pipe(z.number().min(0)),
  timestamp: time,
});

/** `{"symbol":"BTCUSDT","quoteVolume":"13258734360.38","lastPrice":"76914.90", …}` */
export const TickerRow = z.object({
  symbol: z.string().min(1),
  quoteVolume: decimal.pipe(z.number().min(0)),
});

/** `{"symbol":"LPTUSDT","adjustedFundingRateCap":"0.02000000","fundingIntervalHours":4, …}` */
export const FundingInfoRow = z.object({
  symbol: z.string().min(1),
  fundingIntervalHours: z.int().min(1).max(24),
});

/** `{"timezone":"UTC","serverTime":…,"symbols":[{"symbol":"BTCUSDT", …}, …]}`; without symbols it is invalid. */
export const ExchangeInfoBody = z.looseObject({
  symbols: z.array(z.looseObject({ symbol: z.string() })).min(1),
});

/** `{"code":-1121,"msg":"Invalid symbol."}` */
export const ErrorBody = z.object({ code: z.number(), msg: z.string() });

/**
 * One row of a `!markPrice@arr` message. `i` and `r` are empty for contracts that have no index or no funding.
 * `{"e":"markPriceUpdate","E":1789478303000,"s":"BTCUSDT","p":"76916.95122464","ap":"76915.11000000",
 *   "i":"76959.67847826","P":"77018.74802742","r":"0.00008972","T":1789488000000}`
 */
export const MarkPriceRow = z.object({
  e: z.literal('markPriceUpdate'),
  E: time,
  s: z.string().min(1),
  p: decimal.pipe(z.number().positive()),
  i: decimal.pipe(z.number().positive()).nullable().catch(null),
  r: decimal.nullable().catch(null),
  T: time.nullable().catch(null),
});
export type MarkPriceRow = z.output<typeof MarkPriceRow>;

/**
 * A message of `!forceOrder@arr`: one order, in spite of the name. `z` is the quantity filled, `ap` its average price.
 * `{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT","f":"IOC","q":"0.014","p":"9910",
 *   "ap":"9910","X":"FILLED","l":"0.014","z":"0.014","T":1568014460893}}`
 */
export const ForcedOrderRow = z.object({
  e: z.literal('forceOrder'),
  o: z.object({
    s: z.string().min(1),
    /** SELL liquidates a long. */
    S: z.enum(['BUY', 'SELL']),
    z: decimal.pipe(z.number().min(0)),
    ap: decimal.pipe(z.number().min(0)),
    T: time,
  }),
});
export type ForcedOrderRow = z.output<typeof ForcedOrderRow>;
