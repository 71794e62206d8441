import type { ChangeEvent } from 'react';
import { useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { COLUMNS } from './columns.ts';
import type { SortKey } from './view.ts';

const SORTS: readonly SortKey[] = ['usd', 'd5', 'd15', 'd60', 'd1440', 'vol', 'fund', 'symbol', 'age'];

/** Sorts the cards, which have no column headers. */
export function SortSelect() {
  const { view } = useDashboard();
  const { key, abs } = useView((it) => it.sort);
  const changes = useHasChanges();

  function onChange(event: ChangeEvent<HTMLSelectElement>): void {
    const [chosen, bySize] = event.target.value.split('+');
    const found = SORTS.find((it) => it === chosen) ?? 'usd';
    const descending = found !== 'symbol' && found !== 'age';
    view.change({ sort: { key: found, descending, abs: bySize !== undefined } });
  }

  return (
    <select className="button" aria-label="Sort by" value={`${key}${abs ? '+abs' : ''}`} onChange={onChange}>
      {SORTS.filter((it) => changes || !COLUMNS[it].pro).map((it) => (
        <option key={it} value={it}>
          {COLUMNS[it].label}
        </option>
      ))}
      {changes && <option value="d60+abs">Movers 1h</option>}
    </select>
  );
}
