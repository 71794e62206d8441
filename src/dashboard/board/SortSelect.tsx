import type { ChangeEvent } from 'react';
import { Button } from '../shell/Button.tsx';
import { useColumns, useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { COLUMNS } from './columns.ts';
import { startsDescending } from './sort.ts';
import { canSortBySize } from './urlState.ts';

const MOVERS = 'movers';

/** Sorts the cards, which have no column headers, by all that the table can be sorted by. */
export function SortSelect() {
  const { view } = useDashboard();
  const sort = useView((it) => it.sort);
  const { available } = useColumns();
  const changes = useHasChanges();
  const isMovers = sort.key === 'd60' && sort.abs;
  const keys = available.filter((it) => it !== 'spark').filter((it) => changes || !COLUMNS[it].pro);

  function onChange(event: ChangeEvent<HTMLSelectElement>): void {
    const chosen = event.target.value;
    const key = chosen === MOVERS ? 'd60' : (keys.find((it) => it === chosen) ?? 'usd');
    view.change({ sort: { key, descending: startsDescending(key), abs: chosen === MOVERS } });
  }

  return (
    <span className="sort-select">
      <select
        className="button"
        aria-label="Sort by"
        value={isMovers ? MOVERS : sort.key}
        onChange={onChange}
      >
        {keys.map((it) => (
          <option key={it} value={it}>
            {COLUMNS[it].label}
          </option>
        ))}
        {changes && <option value={MOVERS}>Movers 1h</option>}
      </select>
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
