import { useQuery } from '@tanstack/react-query';
import { formatFraction, formatRatio, formatUsd } from '../../kit/format.shared.ts';
import type { AlertFiring, ReplayedFiring } from '../../openInterest/rules/rules.types.ts';
import { QUADRANT_LABELS, type Quadrant } from '../board/quadrant.ts';
import { SymbolName } from '../board/SymbolName.tsx';
import { formatMoment, type ClockZone } from '../timeOfDay.ts';
import { firingsQuery } from './rulesApi.ts';
import { describeAfter, describeWindow } from './ruleWords.ts';

/** What the rules fired last, newest first. */
export function FiringsPanel({ zone }: { zone: ClockZone }) {
  const { data, error } = useQuery(firingsQuery);
  return (
    <section className="panel" aria-labelledby="firings-title">
      <div className="panel-head">
        <h2 id="firings-title">Fired</h2>
      </div>
      {error && <p role="alert">Firings cannot be read: {error.message}.</p>}
      {data?.firings.length === 0 && <p className="muted">No rule has fired yet.</p>}
      {data && data.firings.length > 0 && (
        <ul className="firing-list" tabIndex={0} aria-label="Fired alerts">
          {data.firings.map((it) => (
            <FiringItem key={it.id} firing={it} zone={zone} />
          ))}
        </ul>
      )}
    </section>
  );
}

function FiringItem({ firing, zone }: { firing: AlertFiring; zone: ClockZone }) {
  const { symbol, after } = firing;
  return (
    <li data-symbol={symbol}>
      <a className="firing-symbol count" href={`/?s=${encodeURIComponent(symbol)}`}>
        <SymbolName symbol={symbol} />
      </a>
      <FiringFacts firing={firing} zone={zone} />
      {after.length > 0 && <span className="muted firing-after">{describeAfter(after)}</span>}
    </li>
  );
}

/** A stored firing, or one of a replay, which has no rule yet. */
type Fired = ReplayedFiring & Partial<Pick<AlertFiring, 'ruleName' | 'window'>> & { isHeldBack?: boolean };

export function FiringFacts({ firing, zone }: { firing: Fired; zone: ClockZone }) {
  const { evidence } = firing;
  const isUp = firing.direction === 'up';
  return (
    <>
      <span className={`num ${isUp ? 'up' : 'down'}`}>
        {isUp ? '▲' : '▼'} {formatFraction(evidence.changePct / 100)}
      </span>
      {firing.window && <span className="muted">in {describeWindow(firing.window)}</span>}
      <span className="num">{formatUsd(evidence.changeUsd)}</span>
      <span className="muted">
        price {formatFraction(evidence.priceChangePct === null ? null : evidence.priceChangePct / 100)}
        {evidence.reading !== null &&
          ` · ${QUADRANT_LABELS[evidence.reading as Quadrant] ?? evidence.reading}`}
        {typeof evidence.unusual === 'number' && ` · unusual ${formatRatio(evidence.unusual)}`}
      </span>
      <span className="muted cut firing-rule">
        {[firing.ruleName, firing.quiet && 'quiet hours', firing.isHeldBack && 'held back by cooldown']
          .filter(Boolean)
          .join(' · ')}
      </span>
      <time className="muted" dateTime={new Date(firing.firedAt).toISOString()}>
        {formatMoment(firing.firedAt, zone)}
      </time>
    </>
  );
}
