import { formatCountOf } from '../../kit/format.shared.ts';
import { Button, ButtonLink } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { lazyPart } from '../shell/lazyPart.tsx';
import { Popover } from '../shell/Popover.tsx';
import {
  useBoard,
  useColumns,
  useDashboard,
  useFavourites,
  useHasChanges,
  useView,
} from '../shell/useDashboard.ts';
import type { Layout } from '../shell/useMedia.ts';
import { COLUMNS } from './columns.ts';
import { exportCsv } from './exportCsv.ts';
import { countFilters } from './filter.ts';
import { SearchField } from './SearchField.tsx';
import { SortSelect } from './SortSelect.tsx';
import { writeView } from './urlState.ts';
import { fromMovers, showsMovers, toMovers } from './view.ts';

const FiltersPanel = lazyPart(async () => (await import('./FiltersPanel.tsx')).FiltersPanel);
const ListsPanel = lazyPart(async () => (await import('../watchlists/ListsPanel.tsx')).ListsPanel);
const ViewsPanel = lazyPart(async () => (await import('../views/ViewsPanel.tsx')).ViewsPanel);
const ColumnsPanel = lazyPart(async () => (await import('./ColumnsPanel.tsx')).ColumnsPanel);

/** Search, filters, columns and export, and a summary of the view in words. */
export function Toolbar({ layout }: { layout: Layout }) {
  const { pro, page } = useDashboard();
  const filters = useView(countFilters);
  const isNarrow = layout === 'narrow';
  const onMenu = (menuOpen: boolean): void => page.setState({ menuOpen });
  return (
    <div className="toolbar">
      <SearchField isNarrow={isNarrow} />
      <FavouritesButton isNarrow={isNarrow} />
      <MoversButton />
      {isNarrow && <SortSelect />}
      <Popover label="Filters" title="Filters" badge={filters} onOpenChange={onMenu}>
        <FiltersPanel />
      </Popover>
      <Popover label="Lists" title="Watchlists" onOpenChange={onMenu}>
        <ListsPanel />
      </Popover>
      <Popover label="Views" title="Views" onOpenChange={onMenu}>
        <ViewsPanel />
      </Popover>
      {!isNarrow && pro && (
        <Popover label="Columns" title="Columns" onOpenChange={onMenu}>
          <ColumnsPanel />
        </Popover>
      )}
      {!isNarrow && <ExportButton />}
      {!isNarrow && <MarketLink />}
      <p className="toolbar-status" role="status">
        <Status />
      </p>
    </div>
  );
}

function FavouritesButton({ isNarrow }: { isNarrow: boolean }) {
  const { view } = useDashboard();
  const only = useView((it) => it.favouritesOnly);
  const count = useFavourites((it) => it.size);
  return (
    <Button aria-pressed={only} onClick={() => view.change({ favouritesOnly: !only })}>
      <Icon name="star" filled={only} />
      <span className={isNarrow ? 'sr-only' : ''}>Favourites</span>
      {count > 0 && <span className="badge">{count}</span>}
    </Button>
  );
}

function MoversButton() {
  const { view } = useDashboard();
  const isOn = useView(showsMovers);
  if (!useHasChanges()) return null;
  return (
    <Button
      className="hide-narrow"
      aria-pressed={isOn}
      onClick={() => view.change((isOn ? fromMovers : toMovers)(view.store.getState()))}
    >
      Movers
    </Button>
  );
}

function ExportButton() {
  const dashboard = useDashboard();
  const { shown } = useColumns();
  return (
    <Button onClick={() => void exportCsv(dashboard, shown)}>
      {!dashboard.pro && <Icon name="lock" />}
      Export CSV
    </Button>
  );
}

/** What the filtered symbols are together. */
function MarketLink() {
  const query = useView(writeView);
  return <ButtonLink href={`/market?${query}`}>Market</ButtonLink>;
}

/** How many symbols are shown and in which order, or that the order is held. */
function Status() {
  const { board } = useDashboard();
  const moved = useBoard((it) => it.moved);
  const shown = useBoard((it) => it.lines.length);
  const { key, descending, abs } = useView((it) => it.sort);
  if (moved > 0) {
    return (
      <>
        Order held · {formatCountOf(moved, 'row')} would move{' '}
        <Button className="quiet small" onClick={board.applyOrder}>
          Apply
        </Button>
      </>
    );
  }
  const how =
    key === 'symbol' ? (descending ? 'Z to A' : 'A to Z') : descending ? 'high to low' : 'low to high';
  return `${formatCountOf(shown, 'symbol')} · sorted by ${abs ? 'size of ' : ''}${COLUMNS[key].label}, ${how}`;
}
