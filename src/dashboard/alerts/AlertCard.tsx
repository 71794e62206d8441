import { useEffect, useRef, type ReactNode } from 'react';
import {
  formatCellAge,
  formatContracts,
  formatFraction,
  formatFunding,
  formatUsd,
} from '../../kit/format.shared.ts';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { QUADRANT_LABELS } from '../board/quadrant.ts';
import { explainQuadrant } from '../board/readings.ts';
import { Sparkline } from '../board/Sparkline.tsx';
import { Icon } from '../shell/Icon.tsx';
import { TableHead } from '../shell/TableHead.tsx';
import { useBoard } from '../shell/useDashboard.ts';
import { baseOf } from './feed.ts';
import { readingOf, usdChangeOf, type Fold } from './folds.ts';

/** One alert, or several of a symbol as one. Its kind is shown by icon and word as well as by colour. */
export function AlertCard(props: { fold: Fold; unread: boolean; open: boolean; onOpen: () => void }) {
  const { latest, all } = props.fold;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (props.open) card.current?.scrollIntoView({ block: 'nearest' });
  }, [props.open]);
  const isUp = latest.direction === 'UP';
  const base = baseOf(latest.symbol);
  const { rule } = latest;
  const name = rule === undefined ? '' : `, rule ${rule}`;
  return (
    <article
      ref={card}
      className={`alert ${props.unread ? 'is-unread' : ''}`}
      data-alert={latest.id}
      aria-current={props.open}
    >
      <p className="alert-title">
        <span className="alert-kind">
          <Icon name={rule === undefined ? 'layers' : 'bell'} />
          {rule === undefined ? 'OI' : 'Rule'}
        </span>
        <button
          type="button"
          className="alert-open"
          aria-label={`${base}, OI ${isUp ? 'spike' : 'dump'} ${formatFraction(latest.pctChange)} in ${latest.timeframe}${name}${props.unread ? ', unread' : ''}. Open`}
          onClick={props.onOpen}
        >
          {base}
        </button>
        <time dateTime={latest.ts} title={latest.ts}>
          <Age at={Date.parse(latest.ts)} /> ago
        </time>
      </p>
      <p className={`alert-size ${isUp ? 'up' : 'down'}`}>
        <span>
          {isUp ? '▲' : '▼'}&nbsp;<b>{formatFraction(latest.pctChange)}</b>{' '}
          <span className="muted">in {latest.timeframe}</span>{' '}
          {all.length > 1 && <span className="muted">({all.length} alerts)</span>}
        </span>
        <Trend symbol={latest.symbol} />
      </p>
      {rule !== undefined && <p className="alert-rule">{rule}</p>}
      <Facts alert={latest} />
      <After after={latest.after} />
    </article>
  );
}

function Facts({ alert }: { alert: OpenInterestAlert }) {
  const { symbol, baseline, current, priceChange, fundingRate } = alert;
  const usual = useBoard((it) => it.board?.rows.get(symbol)?.usual ?? null);
  const reading = readingOf(alert, usual);
  return (
    <p className="alert-facts muted">
      <span>
        {formatContracts(baseline)} → {formatContracts(current)} {baseOf(symbol)}
      </span>
      <UsdChange alert={alert} />
      {priceChange !== null && <Fact>price {formatFraction(priceChange)}</Fact>}
      {fundingRate !== null && <Fact>funding {formatFunding(fundingRate)}</Fact>}
      {reading && <Fact title={explainQuadrant(reading)}>{QUADRANT_LABELS[reading]}</Fact>}
    </p>
  );
}

/** Stays on one line, and the dot stays with the fact before it. */
function Fact({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <>
      {'\u00a0· '}
      <span title={title}>{children}</span>
    </>
  );
}

function UsdChange({ alert }: { alert: OpenInterestAlert }) {
  const mark = useBoard((it) => it.board?.rows.get(alert.symbol)?.markPrice ?? null);
  const usd = usdChangeOf(alert, mark);
  if (usd === null) return null;
  return (
    <>
      {' '}
      <span title="At the mark price now">({usd > 0 ? `+${formatUsd(usd)}` : formatUsd(usd)})</span>
    </>
  );
}

/** The last day of the symbol. */
function Trend({ symbol }: { symbol: string }) {
  const spark = useBoard((it) => it.board?.rows.get(symbol)?.spark);
  return spark ? <Sparkline spark={spark} change={null} /> : null;
}

/** How contracts and price changed since the alert. */
function After({ after }: { after: OpenInterestAlert['after'] }) {
  if (after.length === 0) return null;
  return (
    <table className="alert-after muted">
      <caption className="sr-only">What followed</caption>
      <TableHead names={['after', ...after.map((it) => `${it.minutes} min`)]} />
      <tbody>
        <tr>
          <th scope="row">OI</th>
          {after.map(({ minutes, oiChange }) => (
            <td key={minutes}>{formatFraction(oiChange)}</td>
          ))}
        </tr>
        <tr>
          <th scope="row">price</th>
          {after.map(({ minutes, priceChange }) => (
            <td key={minutes}>{formatFraction(priceChange)}</td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

function Age({ at }: { at: number }) {
  return useBoard(({ now }) => formatCellAge(now - at));
}
