import { useState } from 'react';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import type { Settings } from '../shell/settings.ts';
import { ChannelChoice } from './ChannelChoice.tsx';
import { ReplayPanel } from './ReplayPanel.tsx';
import { RuleConditions } from './RuleConditions.tsx';
import { inputOf, type RuleDraft } from './ruleDraft.ts';
import { RuleFields } from './RuleFields.tsx';
import { RuleForm } from './RuleForm.tsx';
import { RuleSentence } from './RuleSentence.tsx';
import { saveOverRule, saveRule } from './rulesApi.ts';

/** The form of a rule, an existing or a new one. */
export function RuleEditor(props: {
  before: AlertRule | null;
  draft: RuleDraft;
  look: Settings;
  /** With the rule that was saved. */
  onClose: (saved: AlertRule | null) => void;
}) {
  const { before, onClose } = props;
  const [draft, setDraft] = useState(props.draft);
  const change = (part: Partial<RuleDraft>) => setDraft((held) => ({ ...held, ...part }));
  const rule = inputOf(draft);
  return (
    <RuleForm
      label={before ? `Edit ${before.rule.name}` : 'New rule'}
      save={() => saveRule(before, rule)}
      saveOver={before && (() => saveOverRule(before.id, rule))}
      onClose={onClose}
    >
      <RuleFields draft={draft} change={change} />
      <RuleConditions draft={draft} change={change} />
      <ChannelChoice draft={draft} change={change} without="what fires is listed on this page only" />
      <ReplayPanel rule={rule} look={props.look} />
      <RuleSentence rule={rule} />
    </RuleForm>
  );
}
