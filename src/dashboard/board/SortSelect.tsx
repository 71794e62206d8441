import type { ChangeEvent } from 'react';
import { useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { COLUMNS } from './columns.ts';
import { startsDescending } from './sort.ts';
import type { SortKey } from './view.ts';

const SORTS: readonly SortKey[] = [
  'usd',
  'd5',
  'd15',
  'd60',
  'd1440',
  'quad',
  'vol',
  'ratio',
  'cap',
  'fund',
  'oi',
  'symbol',
  'age',
];

/** Sorts the cards, which have no column headers. */
export function SortSelect() {
  const { view } = useDashboard();
  const sort = useView((it) => it.sort);
  const changes = useHasChanges();

  function onChange(event: ChangeEvent<HTMLSelectElement>): void {
    const [chosen, bySize] = event.target.value.split('+');
    const key = SORTS.find((it) => it === chosen) ?? 'usd';
    view.change({ sort: { key, descending: startsDescending(key), abs: bySize !== undefined } });
  }

  return (
    <span className="sort-select">
      <select
        className="button"
        aria-label="Sort by"
        value={`${sort.key}${sort.abs ? '+abs' : ''}`}
        onChange={onChange}
      >
        {SORTS.filter((it) => changes || !COLUMNS[it].pro).map((it) => (
          <option key={it} value={it}>
            {COLUMNS[it].label}
          </option>
        ))}
        {changes && <option value="d60+abs">Movers 1h</option>}
      </select>
      <button
        type="button"
        className="button"
        aria-label="Reverse the order"
        onClick={() => view.change({ sort: { ...sort, descending: !sort.descending } })}
      >
        {sort.descending ? '▼' : '▲'}
      </button>
    </span>
  );
}
