import { formatCellAge, formatContracts, formatFraction, formatFunding } from '../../kit/format.shared.ts';
import { Icon } from '../shell/Icon.tsx';
import { useBoard } from '../shell/useDashboard.ts';
import { baseOf, type Fold } from './feed.ts';

/** One alert, or several of a symbol as one. Its kind is shown by icon and word as well as by colour. */
export function AlertCard(props: { fold: Fold; unread: boolean; onOpen: () => void }) {
  const { latest, all } = props.fold;
  const isUp = latest.direction === 'UP';
  const base = baseOf(latest.symbol);
  const unit = `${formatContracts(latest.baseline)} → ${formatContracts(latest.current)} ${base}`;
  return (
    <article className={`alert ${props.unread ? 'is-unread' : ''}`} data-alert={latest.id}>
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
        {latest.priceChange !== null && ` · price ${formatFraction(latest.priceChange)}`}
        {latest.fundingRate !== null && ` · funding ${formatFunding(latest.fundingRate)}`}
      </p>
    </article>
  );
}

function Age({ at }: { at: number }) {
  return useBoard(({ now }) => formatCellAge(now - at));
}
