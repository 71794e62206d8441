import { SECOND_MS } from '../../kit/clock.ts';
import { forcedOrderUpdate } from '../exchange/positioning.ts';
import { markPriceUpdate } from '../exchange/rows.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';
import type { FaultSettings } from '../faults/faults.types.ts';
import type { Market } from '../market/market.ts';

/**
 * The texts of one tick of `!markPrice@arr`: one message with the crypto contracts, one with the TradFi ones. They are
 * built once a tick for all subscribers: 820 rows are some 130 KB.
 */
export function buildMarkPriceFrames(
  market: Market,
  at: number,
  { withoutMarkPrice }: Pick<FaultSettings, 'withoutMarkPrice'>,
): string[] {
  const shown = market
    .contracts()
    .filter((facts) => facts.status !== 'CLOSE' && !withoutMarkPrice.includes(facts.symbol));
  const isTradFi = (facts: SymbolFacts) => facts.contractType === 'TRADIFI_PERPETUAL';
  return [shown.filter((facts) => !isTradFi(facts)), shown.filter(isTradFi)].map((contracts) =>
    JSON.stringify(contracts.map((facts) => markPriceUpdate(market, facts, at))),
  );
}

/** The texts of one tick of `!forceOrder@arr`: a message for each forced order of the second of `at`. */
export function buildForcedOrderFrames(market: Market, at: number): string[] {
  const second = at - (at % SECOND_MS);
  return market.contracts().flatMap((facts) => {
    const order = facts.status === 'TRADING' ? market.forcedOrderAt(facts.symbol, second) : null;
    return order ? [JSON.stringify(forcedOrderUpdate(facts, order, at))] : [];
  });
}
