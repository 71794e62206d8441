import type { KeyboardEvent } from 'react';
import { openSearched } from '../drawer/openSymbol.ts';
import { SEARCH_ID } from '../shell/actions.ts';
import { Icon } from '../shell/Icon.tsx';
import { useDashboard, useView } from '../shell/useDashboard.ts';

/** Filters as one types. Enter opens the symbol that is meant; ↓ leads to the rows; Esc clears, then leaves the field. */
export function SearchField({ isNarrow }: { isNarrow: boolean }) {
  const dashboard = useDashboard();
  const { change } = dashboard.view;
  const query = useView((it) => it.query);

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    if (event.key === 'Enter') openSearched(dashboard);
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      document.querySelector<HTMLElement>('#table tbody [data-column="symbol"], #table .card')?.focus();
    }
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    if (query === '') event.currentTarget.blur();
    else change({ query: '' });
  }

  return (
    <span className="search">
      <Icon name="search" />
      <input
        id={SEARCH_ID}
        type="search"
        placeholder={isNarrow ? 'Filter' : 'Filter symbols ( / )'}
        aria-label="Filter symbols"
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        value={query}
        onChange={(event) => change({ query: event.target.value })}
        onKeyDown={onKeyDown}
      />
    </span>
  );
}
