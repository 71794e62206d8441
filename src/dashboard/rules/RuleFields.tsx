import { useQuery } from '@tanstack/react-query';
import { WINDOWS } from '../../openInterest/board/windows.shared.ts';
import { DraftSelect, DraftText, type DraftProps } from './DraftField.tsx';
import { nameOf, type RuleDraft } from './ruleDraft.ts';
import { watchlistsQuery } from './rulesApi.ts';
import { describeWindow } from './ruleWords.ts';

const WINDOW_NAMES = Object.fromEntries(WINDOWS.map((it) => [it, describeWindow(it)])) as Record<
  RuleDraft['window'],
  string
>;

/** What every rule has: a name, the symbols, and the change of open interest that it fires at. */
export function RuleFields(form: DraftProps) {
  return (
    <fieldset>
      <legend>When open interest moves</legend>
      <DraftText {...form} field="name" label="Name" placeholder={nameOf(form.draft)} />
      <SymbolChoice {...form} />
      <DraftSelect
        {...form}
        field="direction"
        label="Direction"
        options={{ both: 'up or down', up: 'up', down: 'down' }}
      />
      <DraftText {...form} field="thresholdPct" label="Change of open interest" unit="% or more" numeric />
      <DraftSelect {...form} field="window" label="Within" options={WINDOW_NAMES} />
      <DraftText {...form} field="leastUsd" label="Least change in USD" note="like 50M or 1.5B; empty: any" />
    </fieldset>
  );
}

/** Symbols by name, or a watchlist, whose content the rule follows. */
function SymbolChoice(form: DraftProps) {
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
