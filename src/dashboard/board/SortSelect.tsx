import { Button } from '../shell/Button.tsx';
import { Select } from '../shell/Select.tsx';
import { useColumns, useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { COLUMNS } from './columns.ts';
import { startsDescending } from './sort.ts';
import { canSortBySize } from './urlState.ts';
import type { SortKey } from './view.ts';

const MOVERS = 'movers';
const MOVERS_1H = [MOVERS, 'Movers 1h'] as const;

/** Sorts the cards, which have no column headers, by all that the table can be sorted by. */
export function SortSelect() {
  const { view } = useDashboard();
  const sort = useView((it) => it.sort);
  const { available } = useColumns();
  const changes = useHasChanges();
  const isMovers = sort.key === 'd60' && sort.abs;
  const keys = available.filter((it) => it !== 'spark').filter((it) => changes || !COLUMNS[it].pro);

  function onChange(chosen: SortKey | typeof MOVERS): void {
    const key = chosen === MOVERS ? 'd60' : chosen;
    view.change({ sort: { key, descending: startsDescending(key), abs: chosen === MOVERS } });
  }

  return (
    <span className="sort-select">
      <Select
        label="Sort by"
        value={isMovers ? MOVERS : sort.key}
        options={[...keys.map((it) => [it, COLUMNS[it].label] as const), ...(changes ? [MOVERS_1H] : [])]}
        onChange={onChange}
      />
      {canSortBySize(sort.key) && (
        <Button
          aria-label="By size, up or down"
          aria-pressed={sort.abs}
          onClick={() => view.change({ sort: { ...sort, abs: !sort.abs } })}
        >
          ±
        </Button>
      )}
      <Button
        aria-label="Reverse the order"
        onClick={() => view.change({ sort: { ...sort, descending: !sort.descending } })}
      >
        {sort.descending ? '▼' : '▲'}
      </Button>
    </span>
  );
}
