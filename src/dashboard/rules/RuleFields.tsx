import { WINDOWS } from '../../openInterest/board/windows.shared.ts';
import { DraftSelect, DraftText, type DraftProps } from './DraftField.tsx';
import { nameOf, type RuleDraft } from './ruleDraft.ts';
import { describeWindow } from './ruleWords.ts';
import { DirectionChoice, SymbolChoice } from './SymbolChoice.tsx';

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
      <DirectionChoice {...form} />
      <DraftText {...form} field="thresholdPct" label="Change of open interest" unit="% or more" numeric />
      <DraftSelect {...form} field="window" label="Within" options={WINDOW_NAMES} />
      <DraftText {...form} field="leastUsd" label="Least change in USD" note="like 50M or 1.5B; empty: any" />
    </fieldset>
  );
}
