import type { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import type { FeedAlert } from './feed.ts';

/** A firing of a rule of the viewer, as the feed has alerts. */
export function alertOfFiring(firing: AlertFiring): FeedAlert {
  const { id, ruleName, symbol, window, direction, firedAt, evidence, after } = firing;
  const { base, current, changePct, priceChangePct, fundingRate } = evidence;
  const ts = new Date(firedAt).toISOString();
  return {
    id,
    symbol,
    direction: direction === 'up' ? 'UP' : 'DOWN',
    timeframe: TIMEFRAMES[window],
    baseline: base.openInterest,
    current: current.openInterest,
    pctChange: changePct / 100,
    absChange: current.openInterest - base.openInterest,
    priceChange: priceChangePct === null ? null : priceChangePct / 100,
    fundingRate,
    source: 'rule',
    ts,
    createdAt: ts,
    after,
    rule: ruleName,
  };
}

/** As the collector names them. */
const TIMEFRAMES: Readonly<Record<AlertFiring['window'], string>> = {
  '5m': '5 min',
  '15m': '15 min',
  '30m': '30 min',
  '1h': '1 hour',
  '4h': '4 hours',
  '24h': '24 hours',
};
