import { useEffect, useRef } from 'react';
import {
  formatCellAge,
  formatContracts,
  formatFraction,
  formatFunding,
  formatUsd,
} from '../../kit/format.shared.ts';
import type { OpenInterestAlert } from '../../openInterest/openInterest.types.ts';
import { Icon } from '../shell/Icon.tsx';
import { useBoard } from '../shell/useDashboard.ts';
import { baseOf, type Fold } from './feed.ts';

/** One alert, or several of a symbol as one. Its kind is shown by icon and word as well as by colour. */
export function AlertCard(props: { fold: Fold; unread: boolean; open: boolean; onOpen: () => void }) {
  const { latest, all } = props.fold;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (props.open) card.current?.scrollIntoView({ block: 'nearest' });
  }, [props.open]);
  const isUp = latest.direction === 'UP';
  const base = baseOf(latest.symbol);
  const unit = `${formatContracts(latest.baseline)} → ${formatContracts(latest.current)} ${base}`;
  return (
    <article
      ref={card}
      className={`alert ${props.unread ? 'is-unread' : ''}`}
      data-alert={latest.id}
      aria-current={props.open}
    >
      <p className="alert-title">
        <span className="alert-kind">
          <Icon name="layers" />
          OI
        </span>
        <button
          type="button"
          className="alert-open"
          aria-label={`${base}, OI ${isUp ? 'spike' : 'dump'} ${formatFraction(latest.pctChange)} in ${latest.timeframe}${props.unread ? ', unread' : ''}. Open`}
          onClick={props.onOpen}
        >
          {base}
        </button>
        <time dateTime={latest.ts} title={latest.ts}>
          <Age at={Date.parse(latest.ts)} /> ago
        </time>
      </p>
      <p className={isUp ? 'up' : 'down'}>
        {isUp ? '▲' : '▼'} <b>{formatFraction(latest.pctChange)}</b>
        <span className="muted"> in {latest.timeframe}</span>
        {all.length > 1 && <span className="muted"> ({all.length} alerts)</span>}
      </p>
      <p className="muted">
        {unit}
        <UsdChange alert={latest} />
        {latest.priceChange !== null && ` · price ${formatFraction(latest.priceChange)}`}
        {latest.fundingRate !== null && ` · funding ${formatFunding(latest.fundingRate)}`}
      </p>
    </article>
  );
}

/** By the mark price now: alerts carry none. */
function UsdChange({ alert: { symbol, baseline, current } }: { alert: OpenInterestAlert }) {
  const mark = useBoard((it) => it.board?.rows.get(symbol)?.markPrice ?? null);
  if (mark === null) return null;
  const usd = formatUsd((current - baseline) * mark);
  return <span title="At the mark price now"> ({current > baseline ? `+${usd}` : usd})</span>;
}

function Age({ at }: { at: number }) {
  return useBoard(({ now }) => formatCellAge(now - at));
}
