import { useMemo } from 'react';
import { useStore } from 'zustand';
import { formatUsd } from '../../kit/format.shared.ts';
import { Button } from '../shell/Button.tsx';
import { useBoard, useDashboard, useFavourites, usePage, useSettings } from '../shell/useDashboard.ts';
import type { Feed } from './feed.ts';
import {
  countConditions,
  filterAlerts,
  foldAlerts,
  NO_ALERT_FILTER,
  shownSince,
  type AlertFilter,
  type Fold,
} from './folds.ts';
import { Check } from '../shell/SettingRow.tsx';
import { Select } from '../shell/Select.tsx';

const SIZES = [100e3, 1e6, 5e6, 10e6, 50e6];

/** The alerts that pass the filter, newest first. */
export function useShownFolds(): Fold[] {
  const { alerts } = useDashboard();
  const feed = useStore(alerts.store, (it) => it.feed);
  const filter = useSettings((it) => it.alertFilter);
  const favourites = useFavourites((it) => it);
  const lastHour = usePage((it) => it.lastHour);
  const since = useBoard(({ now }) => shownSince(lastHour, now));
  // Prices change with each update, and only a least size needs them.
  const board = useBoard((it) => (filter.minUsd === null ? null : it.board));
  return useMemo(
    () => foldAlerts(filterAlerts(feed, filter, { favourites, rows: board?.rows ?? null }), since),
    [feed, filter, favourites, board, since],
  );
}

/** Which alerts are listed; J and K step through the same ones. Saved in this browser. */
export function AlertFilterPanel({ feed }: { feed: Feed }) {
  const { preferences } = useDashboard();
  const filter = useSettings((it) => it.alertFilter);
  const { favourites, own, direction, timeframe, minUsd } = filter;
  const change = (part: Partial<AlertFilter>) => preferences.change({ alertFilter: { ...filter, ...part } });
  const conditions = countConditions(filter);
  const timeframes = [
    ...new Set([...feed.map((it) => it.timeframe), ...(timeframe === null ? [] : [timeframe])]),
  ];
  return (
    <details className="alert-filter">
      <summary>
        Filter
        {conditions > 0 && <span className="badge">{conditions}</span>}
      </summary>
      <div className="alert-filter-fields">
        <Check
          className="alert-filter-check"
          label="Favourites only"
          checked={favourites}
          onChange={(only) => change({ favourites: only })}
        />
        <Check
          className="alert-filter-check"
          label="My rules only"
          checked={own}
          onChange={(only) => change({ own: only })}
        />
        <Select
          small
          label="Direction"
          value={direction}
          options={[
            ['any', 'Up and down'],
            ['UP', '▲ Up'],
            ['DOWN', '▼ Down'],
          ]}
          onChange={(value) => change({ direction: value })}
        />
        <Select
          small
          label="Window"
          value={timeframe ?? ''}
          options={[['', 'Any window'], ...timeframes.map((it) => [it, it] as const)]}
          onChange={(value) => change({ timeframe: value === '' ? null : value })}
        />
        <Select
          small
          label="Size"
          value={String(minUsd ?? '')}
          options={[['', 'Any size'], ...SIZES.map((it) => [String(it), `≥ ${formatUsd(it)}`] as const)]}
          onChange={(value) => change({ minUsd: value === '' ? null : Number(value) })}
        />
        {conditions > 0 && (
          <Button className="small" onClick={() => change(NO_ALERT_FILTER)}>
            Clear
          </Button>
        )}
      </div>
    </details>
  );
}
