import { Suspense, lazy, type ReactNode, type RefObject } from 'react';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { formatCount } from '../../kit/format.shared.ts';
import { Icon } from '../shell/Icon.tsx';
import { Popover } from '../shell/Popover.tsx';
import type { Layout } from '../shell/useMedia.ts';
import { COLUMNS, type ColumnKey } from './columns.ts';
import { countFilters } from './filter.ts';
import { DEFAULT_SORT, MOVERS, type SortKey, type View } from './view.ts';

const FiltersPanel = lazy(async () => ({ default: (await import('./FiltersPanel.tsx')).FiltersPanel }));
const ColumnsPanel = lazy(async () => ({ default: (await import('./ColumnsPanel.tsx')).ColumnsPanel }));

/** What changes the view, in one line, and what the view is, in words. */
export function Toolbar(props: {
  layout: Layout;
  view: View;
  mode: Mode;
  pro: boolean;
  /** Whether there are any to sort and filter by. */
  changes: boolean;
  search: RefObject<HTMLInputElement | null>;
  columns: { available: readonly ColumnKey[]; shown: readonly ColumnKey[] };
  favourites: number;
  shownCount: number;
  moved: number;
  onApply: () => void;
  onChange: (change: Partial<View>) => void;
  onColumns: (columns: readonly ColumnKey[] | null) => void;
  onExport: () => void;
  onSubmitSearch: () => void;
  onMenu: (open: boolean) => void;
}) {
  const { view, layout, pro, changes, onChange } = props;
  const isMovers = view.sort.key === 'd60' && view.sort.abs && view.minUsd === MOVERS.minUsd;
  const isNarrow = layout === 'narrow';
  return (
    <div className="toolbar">
      <span className="search">
        <Icon name="search" />
        <input
          ref={props.search}
          type="search"
          placeholder={isNarrow ? 'Filter' : 'Filter symbols ( / )'}
          aria-label="Filter symbols"
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          value={view.query}
          onChange={(event) => onChange({ query: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') props.onSubmitSearch();
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            if (view.query === '') event.currentTarget.blur();
            else onChange({ query: '' });
          }}
        />
      </span>
      <button
        type="button"
        className="button"
        aria-pressed={view.favouritesOnly}
        onClick={() => onChange({ favouritesOnly: !view.favouritesOnly })}
      >
        <Icon name="star" filled={view.favouritesOnly} />
        <span className={isNarrow ? 'sr-only' : ''}>Favourites</span>
        {props.favourites > 0 && <span className="badge">{props.favourites}</span>}
      </button>
      {changes && (
        <button
          type="button"
          className="button hide-narrow"
          aria-pressed={isMovers}
          onClick={() => onChange(isMovers ? { sort: DEFAULT_SORT, minUsd: null } : MOVERS)}
        >
          Movers
        </button>
      )}
      {isNarrow && <SortSelect view={view} changes={changes} onChange={onChange} />}
      <Popover label="Filters" title="Filters" badge={countFilters(view)} onOpenChange={props.onMenu}>
        <Suspense fallback={null}>
          <FiltersPanel view={view} mode={props.mode} changes={changes} onChange={onChange} />
        </Suspense>
      </Popover>
      {!isNarrow && pro && (
        <Popover label="Columns" title="Columns" onOpenChange={props.onMenu}>
          <Suspense fallback={null}>
            <ColumnsPanel {...props.columns} onChange={props.onColumns} />
          </Suspense>
        </Popover>
      )}
      {!isNarrow && (
        <button type="button" className="button" onClick={props.onExport}>
          {!pro && <Icon name="lock" />}
          Export CSV
        </button>
      )}
      <p className="toolbar-status" role="status">
        {describe(props)}
      </p>
    </div>
  );
}

function describe({ view, shownCount, moved, onApply }: Parameters<typeof Toolbar>[0]): ReactNode {
  if (moved > 0) {
    return (
      <>
        Order held · {formatCount(moved)} {moved === 1 ? 'row' : 'rows'} would move{' '}
        <button type="button" className="button quiet small" onClick={onApply}>
          Apply
        </button>
      </>
    );
  }
  const { key, descending, abs } = view.sort;
  const how =
    key === 'symbol' ? (descending ? 'Z to A' : 'A to Z') : descending ? 'high to low' : 'low to high';
  return `${formatCount(shownCount)} ${shownCount === 1 ? 'symbol' : 'symbols'} · sorted by ${abs ? 'size of ' : ''}${COLUMNS[key].label}, ${how}`;
}

const SORTS: readonly SortKey[] = ['usd', 'd5', 'd15', 'd60', 'd1440', 'vol', 'fund', 'symbol', 'age'];

function SortSelect(props: { view: View; changes: boolean; onChange: (change: Partial<View>) => void }) {
  const { view, changes } = props;
  return (
    <select
      className="button"
      aria-label="Sort by"
      value={`${view.sort.key}${view.sort.abs ? '+abs' : ''}`}
      onChange={(event) => {
        const [key, abs] = event.target.value.split('+');
        const found = SORTS.find((it) => it === key) ?? 'usd';
        const descending = found !== 'symbol' && found !== 'age';
        props.onChange({ sort: { key: found, descending, abs: abs !== undefined } });
      }}
    >
      {SORTS.filter((key) => changes || !COLUMNS[key].pro).map((key) => (
        <option key={key} value={key}>
          {COLUMNS[key].label}
        </option>
      ))}
      {changes && <option value="d60+abs">Movers 1h</option>}
    </select>
  );
}
