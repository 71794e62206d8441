import { useState } from 'react';
import { BUILT_IN, type BuiltInRule } from '../../openInterest/rules/builtInRule.types.ts';
import { Check } from '../shell/SettingRow.tsx';
import { saveBuiltIn, saveOverBuiltIn } from './builtInApi.ts';
import { ChannelChoice } from './ChannelChoice.tsx';
import { QuietHours } from './QuietHours.tsx';
import { draftOfRouting, routingOf, TIME_ZONE, type RuleDraft } from './ruleDraft.ts';
import { RuleForm } from './RuleForm.tsx';
import { DirectionChoice, SymbolChoice } from './SymbolChoice.tsx';

/** The form of the built-in rule: which of the collector's alerts are sent, when and where to. */
export function BuiltInEditor({ before, onClose }: { before: BuiltInRule; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOfRouting(before.rule, TIME_ZONE));
  const change = (part: Partial<RuleDraft>) => setDraft((held) => ({ ...held, ...part }));
  const form = { draft, change };
  const rule = routingOf(draft);
  return (
    <RuleForm
      label={`Edit ${BUILT_IN.ruleName}`}
      save={() => saveBuiltIn(before, rule)}
      saveOver={() => saveOverBuiltIn(rule)}
      onClose={onClose}
    >
      <fieldset>
        <legend>{BUILT_IN.ruleName}</legend>
        <p className="muted rule-wide">
          The collector’s own alerts, as the dashboard lists them, with the collector’s thresholds.
        </p>
        <div className="rule-wide">
          <Check
            className="rule-check"
            label="On"
            checked={draft.enabled}
            onChange={(enabled) => change({ enabled })}
          />
        </div>
        <SymbolChoice {...form} />
        <DirectionChoice {...form} />
        <QuietHours {...form} note="Held, and sent to channels as one digest when they end." />
      </fieldset>
      <ChannelChoice {...form} without="nothing is sent" />
    </RuleForm>
  );
}
