import type { Mode } from '../../openInterest/openInterest.types.ts';
import type { AlertCounts } from '../alerts/feed.ts';
import { baseOf } from '../alerts/feed.ts';
import { formatChange, formatCount, formatUsd } from '../../kit/format.shared.ts';
import { toneOf } from './Change.tsx';
import type { Coverage } from './lines.ts';
import type { Tiles } from './tiles.ts';

export type TileKey = 'total' | 'movers' | 'live' | 'alerts';

/** Four figures, each a button that shows what it counts. */
export function SummaryTiles(props: {
  tiles: Tiles;
  coverage: Coverage;
  mode: Mode;
  alerts: AlertCounts;
  pro: boolean;
  onSelect: (key: TileKey) => void;
}) {
  const { tiles, coverage, alerts, pro, onSelect } = props;
  const { live, late, stale, none, total } = coverage;
  const counted =
    tiles.counted === tiles.total
      ? formatCount(tiles.total)
      : `${formatCount(tiles.counted)} of ${formatCount(tiles.total)}`;
  const change = formatChange(tiles.totalChange);
  const hasChange = pro && tiles.totalChange !== null;
  return (
    <section className="tiles" aria-label="Summary">
      <button type="button" className="tile" onClick={() => onSelect('total')}>
        <span className="tile-label">Total open interest</span>
        <strong>{formatUsd(tiles.totalUsd)}</strong>
        <span className="tile-note">
          {hasChange && (
            <>
              <span className={toneOf(change)}>
                {arrowOf(change)} {change}
              </span>{' '}
              in 1h ·{' '}
            </>
          )}
          {counted}
          <span className={hasChange ? 'hide-narrow' : ''}> {tiles.total === 1 ? 'symbol' : 'symbols'}</span>
        </span>
      </button>
      <button
        type="button"
        className="tile"
        title="Largest changes of contracts in 1h among symbols with at least $1.00M of open interest"
        onClick={() => onSelect('movers')}
      >
        <span className="tile-label">Biggest movers · 1h</span>
        {pro ? <Movers tiles={tiles} mode={props.mode} /> : <LockedTile />}
      </button>
      <button type="button" className="tile" onClick={() => onSelect('live')}>
        <span className="tile-label">Symbols {props.mode === 'snapshot' ? 'on time' : 'live'}</span>
        <strong>
          {formatCount(live)} / {formatCount(total)}
        </strong>
        <span className="tile-note">
          {formatCount(late)} late · {formatCount(stale)} stale
          {none > 0 && ` · ${formatCount(none)} without data`}
        </span>
      </button>
      <button type="button" className="tile" onClick={() => onSelect('alerts')}>
        <span className="tile-label">OI alerts · last hour</span>
        {pro ? (
          <>
            <strong>{formatCount(alerts.total)}</strong>
            <span className="tile-note">
              ▲ {alerts.up} {alerts.up === 1 ? 'spike' : 'spikes'} · ▼ {alerts.down}{' '}
              {alerts.down === 1 ? 'dump' : 'dumps'}
            </span>
          </>
        ) : (
          <LockedTile />
        )}
      </button>
    </section>
  );
}

function Movers({ tiles: { up, down }, mode }: { tiles: Tiles; mode: Mode }) {
  return (
    <>
      <strong className={up ? 'up' : ''}>
        {up ? `${baseOf(up.symbol)} ${formatChange(up.change)}` : '—'}
      </strong>
      <span className="tile-note">
        {down ? (
          <span className="down">
            ▼ {baseOf(down.symbol)} {formatChange(down.change)}
          </span>
        ) : up ? (
          'Nothing fell'
        ) : mode === 'snapshot' ? (
          'Not in snapshots'
        ) : (
          'Not enough history'
        )}
      </span>
    </>
  );
}

function LockedTile() {
  return (
    <>
      <strong className="muted">Pro</strong>
      <span className="tile-note">Part of Pro</span>
    </>
  );
}

function arrowOf(text: string): string {
  if (text.includes('+')) return '▲';
  return text.includes('\u2212') ? '▼' : '';
}
