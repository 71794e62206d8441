import type { MouseEvent } from 'react';
import { Icon } from '../shell/Icon.tsx';
import { useDashboard, useView } from '../shell/useDashboard.ts';
import { COLUMNS, type ColumnKey } from './columns.ts';
import { nextSort } from './sort.ts';
import { useHelp } from './useHelp.ts';

/** A column's header: a button that sorts, or, where the column is part of Pro, says so. */
export function HeaderCell(props: {
  column: ColumnKey;
  /** Position in the grid, from 1. */
  index: number;
  locked: boolean;
  tabbable: boolean;
}) {
  const { column, locked } = props;
  const sort = useView((it) => it.sort);
  const isSorted = sort.key === column && !locked;
  const hasButton = column !== 'spark' || locked;
  const tabIndex = props.tabbable ? 0 : -1;
  return (
    <th
      role="columnheader"
      scope="col"
      aria-colindex={props.index}
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
      className={`${COLUMNS[column].align} head-${column}`}
      data-column={column}
      tabIndex={hasButton ? undefined : tabIndex}
    >
      {hasButton ? (
        <HeaderButton column={column} locked={locked} tabIndex={tabIndex} />
      ) : (
        COLUMNS[column].label
      )}
    </th>
  );
}

function HeaderButton(props: { column: ColumnKey; locked: boolean; tabIndex: number }) {
  const { column, locked, tabIndex } = props;
  const { view, page } = useDashboard();
  const sort = useView((it) => it.sort);
  const period = useView((it) => it.window);
  const help = useHelp();
  const label = column === 'quad' ? `${COLUMNS.quad.label} ${period}` : COLUMNS[column].label;
  const isSorted = sort.key === column;
  const content = column === 'fav' ? <Icon name="star" filled /> : label;

  function onClick(event: MouseEvent): void {
    if (locked) page.setState({ dialog: 'pro' });
    else if (column !== 'spark') view.change({ sort: nextSort(sort, column, event.shiftKey) });
  }

  return (
    <button
      type="button"
      tabIndex={tabIndex}
      title={help?.helpOf(column)}
      aria-label={column === 'fav' ? 'Favourites first' : undefined}
      onClick={onClick}
    >
      {locked && <Icon name="lock" />}
      {isSorted && sort.abs ? `|${label}|` : content}
      {isSorted && !locked && <span aria-hidden="true"> {sort.descending ? '▼' : '▲'}</span>}
    </button>
  );
}
