import { SECOND_MS } from '../../kit/clock.ts';
import type { Market } from '../market/market.ts';
import { forcedOrderUpdate } from '../exchange/positioning.ts';

/** The texts of one tick of `!forceOrder@arr`: a message for each forced order of the second of `at`. */
export function buildForcedOrderFrames(market: Market, at: number): string[] {
  const second = at - (at % SECOND_MS);
  return market.contracts().flatMap((facts) => {
    const order = facts.status === 'TRADING' ? market.forcedOrderAt(facts.symbol, second) : null;
    return order ? [JSON.stringify(forcedOrderUpdate(facts, order, at))] : [];
  });
}
