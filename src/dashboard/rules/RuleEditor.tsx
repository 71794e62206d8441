import { useState, type FormEvent } from 'react';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Button } from '../shell/Button.tsx';
import type { Settings } from '../shell/settings.ts';
import { ChannelChoice } from './ChannelChoice.tsx';
import { Refusal } from './Refusal.tsx';
import { ReplayPanel } from './ReplayPanel.tsx';
import { RuleConditions } from './RuleConditions.tsx';
import { inputOf, type RuleDraft } from './ruleDraft.ts';
import { RuleFields } from './RuleFields.tsx';
import { saveRule } from './rulesApi.ts';

/** The form of a rule. Nothing is lost while it is open: a refusal keeps what was typed and names the field. */
export function RuleEditor(props: {
  before: AlertRule | null;
  draft: RuleDraft;
  look: Settings;
  onClose: () => void;
}) {
  const [draft, setDraft] = useState(props.draft);
  const [failed, setFailed] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const change = (part: Partial<RuleDraft>) => setDraft((held) => ({ ...held, ...part }));

  async function save(): Promise<void> {
    setSaving(true);
    setFailed(null);
    try {
      await saveRule(props.before, inputOf(draft));
      props.onClose();
    } catch (thrown) {
      setFailed(thrown);
      setSaving(false);
    }
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void save();
  }

  return (
    <form
      className="rule-form"
      onSubmit={onSubmit}
      noValidate
      aria-label={props.before ? 'Edit rule' : 'New rule'}
    >
      <RuleFields draft={draft} change={change} />
      <RuleConditions draft={draft} change={change} />
      <ChannelChoice draft={draft} change={change} />
      <ReplayPanel rule={{ ...inputOf(draft), name: draft.name.trim() || 'New rule' }} look={props.look} />
      {failed !== null && <Refusal thrown={failed} />}
      <div className="rule-actions">
        <Button type="submit" className="primary" disabled={saving}>
          {saving ? 'Saving…' : 'Save'}
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </form>
  );
}
