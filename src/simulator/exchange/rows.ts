import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../kit/clock.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';
import { interestRateOf, type Market } from '../market/market.ts';

/** TradFi contracts are computed apart and stamped a little earlier. */
const TRADFI_LAG_MS = 50;

const isTradFi = (facts: SymbolFacts): boolean => facts.contractType === 'TRADIFI_PERPETUAL';

/** A SETTLING contract repeats its last price under the present time; only the settle price of 0 shows it. */
export function premiumIndexRow(market: Market, facts: SymbolFacts, at: number) {
  const { symbol } = facts;
  const index = market.indexPriceAt(symbol, at);
  return {
    symbol,
    markPrice: market.markPriceAt(symbol, at).toFixed(8),
    indexPrice: index.toFixed(8),
    estimatedSettlePrice: settlePrice(facts, index).toFixed(8),
    lastFundingRate: market.fundingRateAt(symbol, at).toFixed(8),
    interestRate: interestRateOf(facts).toFixed(8),
    nextFundingTime: market.nextFundingTimeAt(symbol, at),
    time: isTradFi(facts) ? at - TRADFI_LAG_MS : at,
  };
}

/** One element of a `!markPrice@arr` message. */
export function markPriceUpdate(market: Market, facts: SymbolFacts, at: number) {
  const { symbol } = facts;
  const mark = market.markPriceAt(symbol, at);
  const index = market.indexPriceAt(symbol, at);
  const nextFundingTime = market.nextFundingTimeAt(symbol, at);
  return {
    e: 'markPriceUpdate',
    E: isTradFi(facts) ? at - TRADFI_LAG_MS : at,
    s: symbol,
    p: mark.toFixed(8),
    ap: ((mark + market.markPriceAt(symbol, at - 30_000)) / 2).toFixed(8),
    i: index.toFixed(8),
    P: settlePrice(facts, index).toFixed(8),
    r: nextFundingTime === 0 ? '' : market.fundingRateAt(symbol, at).toFixed(8),
    T: nextFundingTime,
  };
}

export function openInterestRow(market: Market, facts: SymbolFacts, at: number) {
  const { openInterest, time } = market.openInterestFigureAt(facts.symbol, at);
  return { symbol: facts.symbol, openInterest: openInterest.toFixed(facts.quantityPrecision), time };
}

export function openInterestHistoryRow(market: Market, facts: SymbolFacts, at: number) {
  const openInterest = market.openInterestAt(facts.symbol, at);
  return {
    symbol: facts.symbol,
    sumOpenInterest: openInterest.toFixed(facts.quantityPrecision),
    sumOpenInterestValue: (openInterest * market.markPriceAt(facts.symbol, at)).toFixed(2),
    CMCCirculatingSupply: (facts.circulatingSupply ?? 0).toFixed(8),
    timestamp: at,
  };
}

export function tickerRow(market: Market, facts: SymbolFacts, at: number) {
  const { symbol } = facts;
  const hourly = Array.from({ length: 25 }, (_, hour) =>
    market.markPriceAt(symbol, at - DAY_MS + hour * HOUR_MS),
  );
  const [open, last] = [hourly[0]!, hourly.at(-1)!];
  const average = hourly.reduce((sum, price) => sum + price, 0) / hourly.length;
  const quoteVolume = market.quoteVolume24hAt(symbol, at);
  const price = (value: number) => atTick(value, facts);
  const count = Math.max(1, Math.round(quoteVolume / 3_800));
  const lastId = Math.floor(at / 20) % 10_000_000_000;
  return {
    symbol,
    priceChange: (Number(price(last)) - Number(price(open))).toFixed(facts.pricePrecision),
    priceChangePercent: ((last / open - 1) * 100).toFixed(3),
    weightedAvgPrice: average.toFixed(facts.pricePrecision),
    lastPrice: price(last),
    lastQty: (10 ** -facts.quantityPrecision).toFixed(facts.quantityPrecision),
    openPrice: price(open),
    highPrice: price(Math.max(...hourly)),
    lowPrice: price(Math.min(...hourly)),
    volume: (quoteVolume / average).toFixed(facts.quantityPrecision),
    quoteVolume: quoteVolume.toFixed(2),
    openTime: Math.floor((at - DAY_MS) / MINUTE_MS) * MINUTE_MS,
    closeTime: at,
    firstId: lastId - count + 1,
    lastId,
    count,
  };
}

function settlePrice(facts: SymbolFacts, index: number): number {
  return facts.status === 'SETTLING' ? 0 : index;
}

/** As the exchange spells a price. */
export function atTick(price: number, facts: SymbolFacts): string {
  const tick = Number(facts.tickSize);
  return (Math.round(price / tick) * tick).toFixed(facts.pricePrecision);
}
