import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { formatChange, formatCount, formatCountOf, formatUsd } from '../../kit/format.shared.ts';
import { baseOf, countSince } from '../alerts/feed.ts';
import { HOUR_MS } from '../timeOfDay.ts';
import { showLastHour } from '../shell/actions.ts';
import { lazyPart } from '../shell/lazyPart.tsx';
import { useBoard, useDashboard, useHasChanges } from '../shell/useDashboard.ts';
import { toneOf } from './Change.tsx';
import { labelState } from './lines.ts';
import { useHelp } from './useHelp.ts';
import { DEFAULT_SORT, NO_FILTERS, toMovers, type View } from './view.ts';

// Without the line the tile is whole.
const TotalLine = lazyPart(
  async () => (await import('./TotalLine.tsx')).TotalLine,
  () => null,
);

/** Four figures, each a button that shows what it counts. */
export function SummaryTiles() {
  return (
    <section className="tiles" aria-label="Summary">
      <TotalTile />
      <MoversTile />
      <LiveTile />
      <AlertsTile />
    </section>
  );
}

function TotalTile() {
  const { pro, view } = useDashboard();
  const { totalUsd, totalChange, compared, counted, total } = useBoard((it) => it.tiles);
  const change = formatChange(totalChange);
  const hasChange = pro && totalChange !== null;
  const hasLine = useHasChanges();
  const symbols = counted === total ? formatCount(total) : `${formatCount(counted)} of ${formatCount(total)}`;
  return (
    <Tile label="Total open interest" onClick={() => view.change({ sort: DEFAULT_SORT })}>
      <strong>{formatUsd(totalUsd)}</strong>
      <span className="tile-note">
        {hasChange && (
          <>
            <span className={toneOf(change)}>
              {arrowOf(change)} {change}
            </span>{' '}
            in 1h{compared < counted && ` (${formatCount(compared)} symbols)`} ·{' '}
          </>
        )}
        {symbols}
        <span className={hasChange ? 'hide-narrow' : ''}> {total === 1 ? 'symbol' : 'symbols'}</span>
      </span>
      {hasLine && <TotalLine />}
    </Tile>
  );
}

function MoversTile() {
  const { pro, view, page } = useDashboard();
  const help = useHelp();
  return (
    <Tile
      label="Biggest movers · 1h"
      title={help?.TILE_HELP.movers}
      onClick={() => (pro ? view.change(toMovers(view.store.getState())) : page.setState({ dialog: 'pro' }))}
    >
      {pro ? <Movers /> : <Locked />}
    </Tile>
  );
}

function Movers() {
  const { up, down } = useBoard((it) => it.tiles);
  const isSnapshot = useBoard((it) => it.mode === 'snapshot');
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
        ) : isSnapshot ? (
          'Not in snapshots'
        ) : (
          'Not enough history'
        )}
      </span>
    </>
  );
}

const OLDEST_FIRST: Partial<View> = { sort: { key: 'age', descending: true, abs: false } };
const NOT_LIVE: Partial<View> = { ...NO_FILTERS, states: ['late', 'stale', 'none'] };

function LiveTile() {
  const { view } = useDashboard();
  const { live, late, stale, none, total } = useBoard((it) => it.coverage);
  const isLive = useBoard((it) => it.isLive);
  const help = useHelp();
  return (
    <Tile
      label={`Symbols ${labelState('live', isLive).toLowerCase()}`}
      title={help?.TILE_HELP.live}
      onClick={() => view.change(live === total ? OLDEST_FIRST : NOT_LIVE)}
    >
      <strong>
        {formatCount(live)} / {formatCount(total)}
      </strong>
      <span className="tile-note">
        {formatCount(late)} late · {formatCount(stale)} stale
        {none > 0 && ` · ${formatCount(none)} without data`}
      </span>
    </Tile>
  );
}

function AlertsTile() {
  const dashboard = useDashboard();
  const { pro, page } = dashboard;
  return (
    <Tile
      label="OI alerts · last hour"
      onClick={() => (pro ? showLastHour(dashboard) : page.setState({ dialog: 'pro' }))}
    >
      {pro ? <AlertCounts /> : <Locked />}
    </Tile>
  );
}

function AlertCounts() {
  const feed = useStore(useDashboard().alerts.store, (it) => it.feed);
  const { total, up, down } = useBoard(useShallow(({ now }) => countSince(feed, now - HOUR_MS)));
  return (
    <>
      <strong>{formatCount(total)}</strong>
      <span className="tile-note">
        ▲ {formatCountOf(up, 'spike')} · ▼ {formatCountOf(down, 'dump')}
      </span>
    </>
  );
}

function Tile(props: {
  label: string;
  title?: string | undefined;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button type="button" className="tile" title={props.title} onClick={props.onClick}>
      <span className="tile-label">{props.label}</span>
      {props.children}
    </button>
  );
}

function Locked() {
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
