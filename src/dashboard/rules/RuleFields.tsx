import { useQuery } from '@tanstack/react-query';
import { SelectField, TextField } from './Field.tsx';
import { WINDOWS } from '../../openInterest/board/windows.shared.ts';
import type { RuleDraft } from './ruleDraft.ts';
import { watchlistsQuery } from './rulesApi.ts';
import { describeWindow } from './ruleWords.ts';

export type DraftProps = { draft: RuleDraft; change: (part: Partial<RuleDraft>) => void };

const WINDOW_NAMES = Object.fromEntries(WINDOWS.map((it) => [it, describeWindow(it)])) as Record<
  RuleDraft['window'],
  string
>;

/** What every rule has: a name, the symbols, and the change of open interest that it fires at. */
export function RuleFields({ draft, change }: DraftProps) {
  return (
    <fieldset>
      <legend>When open interest moves</legend>
      <TextField label="Name" value={draft.name} required onChange={(name) => change({ name })} />
      <SymbolChoice draft={draft} change={change} />
      <SelectField
        label="Direction"
        value={draft.direction}
        options={{ both: 'up or down', up: 'up', down: 'down' }}
        onChange={(direction) => change({ direction })}
      />
      <TextField
        label="Change of open interest"
        value={draft.thresholdPct}
        unit="% or more"
        numeric
        onChange={(thresholdPct) => change({ thresholdPct })}
      />
      <SelectField
        label="Within"
        value={draft.window}
        options={WINDOW_NAMES}
        onChange={(window) => change({ window })}
      />
      <TextField
        label="Least change in USD"
        value={draft.leastUsd}
        note="like 50M or 1.5B; empty: any"
        onChange={(leastUsd) => change({ leastUsd })}
      />
    </fieldset>
  );
}

/** Symbols by name, or a watchlist, whose content the rule follows. */
function SymbolChoice({ draft, change }: DraftProps) {
  const { data } = useQuery(watchlistsQuery);
  const { watchlist } = draft;
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
        <SelectField
          label="Watch"
          value={watchlist}
          options={options}
          onChange={(next) => change({ watchlist: next })}
        />
      )}
      {watchlist === '' && (
        <TextField
          label="Symbols"
          value={draft.symbols}
          note="BTCUSDT ETHUSDT …; empty: every symbol"
          onChange={(symbols) => change({ symbols })}
        />
      )}
    </>
  );
}
