import type { SymbolFacts } from '../facts/facts.types.ts';
import type { Market } from '../market/market.ts';
import type { Crowd, ForcedOrder } from '../market/positioning.ts';
import { atTick } from './rows.ts';

/** `/futures/data/*LongShort*Ratio`: one row of a crowd. */
export function longShortRow(market: Market, crowd: Crowd, { symbol }: SymbolFacts, at: number) {
  const long = Number(market.longShareAt(symbol, crowd, at).toFixed(4));
  return {
    symbol,
    longAccount: long.toFixed(4),
    longShortRatio: (long / (1 - long)).toFixed(4),
    shortAccount: (1 - long).toFixed(4),
    timestamp: at,
  };
}

/** `/futures/data/takerlongshortRatio`: contracts; its rows name no symbol. */
export function takerRow(market: Market, facts: SymbolFacts, at: number, periodMs: number) {
  const { bought, sold } = market.takerVolumeAt(facts.symbol, at, periodMs);
  return {
    buySellRatio: (bought / sold).toFixed(4),
    sellVol: sold.toFixed(4),
    buyVol: bought.toFixed(4),
    timestamp: at,
  };
}

/** A message of `!forceOrder@arr`: one object, in spite of the name. SELL closes a long. */
export function forcedOrderUpdate(facts: SymbolFacts, order: ForcedOrder, at: number) {
  const quantity = order.quantity.toFixed(facts.quantityPrecision);
  return {
    e: 'forceOrder',
    E: at,
    o: {
      s: facts.symbol,
      S: order.side,
      o: 'LIMIT',
      f: 'IOC',
      q: quantity,
      p: atTick(order.price, facts),
      ap: atTick(order.averagePrice, facts),
      X: 'FILLED',
      l: quantity,
      z: quantity,
      T: at,
    },
  };
}
