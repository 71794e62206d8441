import { formatFraction, formatRatio, formatUsdChange } from '../../kit/format.shared.ts';
import type { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import type { ReplayedFiring } from '../../openInterest/rules/rules.types.ts';
import { QUADRANT_LABELS, type Quadrant } from '../board/quadrant.ts';
import { SymbolName } from '../board/SymbolName.tsx';
import { formatRecent, type ClockZone } from '../timeOfDay.ts';
import { describeWindow } from './ruleWords.ts';
import './firings.css';

/** A stored firing, or one of a replay, which has no rule yet. */
type Fired = Pick<ReplayedFiring, 'direction' | 'evidence'> &
  Partial<Pick<AlertFiring, 'ruleName'>> & {
    window?: string;
    quiet?: boolean | undefined;
    isHeldBack?: boolean;
  };

export function SymbolLink({ symbol }: { symbol: string }) {
  return (
    <a className="firing-symbol count" href={`/?s=${encodeURIComponent(symbol)}`}>
      <SymbolName symbol={symbol} />
    </a>
  );
}

/** `▲ +5.58% +$1.49M` */
export function FiringSize({ firing }: { firing: Fired }) {
  const { direction, evidence } = firing;
  const isUp = direction === 'up';
  return (
    <>
      <span className={`num ${isUp ? 'up' : 'down'}`}>
        {isUp ? '▲' : '▼'} {formatFraction(evidence.changePct / 100)}
      </span>
      <span className="num">{formatUsdChange(evidence.changeUsd)}</span>
    </>
  );
}

/** `in 5 min · price +0.80% · New longs · unusual 16.20 · Large moves` */
export function FiringFacts({ firing }: { firing: Fired }) {
  const { evidence, window, ruleName, quiet, isHeldBack } = firing;
  const { priceChangePct, reading, unusual } = evidence;
  const facts = [
    window && `in ${describeWindow(window)}`,
    `price ${formatFraction(priceChangePct === null ? null : priceChangePct / 100)}`,
    reading !== null && (QUADRANT_LABELS[reading as Quadrant] ?? reading),
    typeof unusual === 'number' && `unusual ${formatRatio(unusual)}`,
    ruleName,
    quiet && 'quiet hours',
    isHeldBack && 'held back by cooldown',
  ];
  return <span className="muted firing-facts">{facts.filter(Boolean).join(' · ')}</span>;
}

/** `now`: without its day, which is today. */
export function FiringTime({ at, now, zone }: { at: number; now: number; zone: ClockZone }) {
  return (
    <time className="muted" dateTime={new Date(at).toISOString()}>
      {formatRecent(at, now, zone)}
    </time>
  );
}
