import { useQuery } from '@tanstack/react-query';
import { DraftSelect, DraftText, type DraftProps } from './DraftField.tsx';
import { watchlistsQuery } from './rulesApi.ts';

/** Symbols by name, or a watchlist, whose content the rule follows. */
export function SymbolChoice(form: DraftProps) {
  const { data } = useQuery(watchlistsQuery);
  const { watchlist } = form.draft;
  const names = (data?.lists ?? []).map(
    ({ id, name, symbols }) => [id, `${name} (${symbols.length})`] as const,
  );
  const isUnknown = watchlist !== '' && names.every(([id]) => id !== watchlist);
  const options = Object.fromEntries([
    ['', 'by name'],
    ...names,
    ...(isUnknown ? [[watchlist, data ? 'a deleted watchlist' : watchlist]] : []),
  ]) as Record<string, string>;
  return (
    <>
      {Object.keys(options).length > 1 && (
        <DraftSelect {...form} field="watchlist" label="Watch" options={options} />
      )}
      {watchlist === '' && (
        <DraftText {...form} field="symbols" label="Symbols" note="like BTCUSDT ETHUSDT; empty: all" />
      )}
    </>
  );
}

export function DirectionChoice(form: DraftProps) {
  return (
    <DraftSelect
      {...form}
      field="direction"
      label="Direction"
      options={{ both: 'up or down', up: 'up', down: 'down' }}
    />
  );
}
