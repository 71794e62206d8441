import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Button } from '../shell/Button.tsx';
import type { Settings } from '../shell/settings.ts';
import { ChannelChoice } from './ChannelChoice.tsx';
import { isStatus, Refusal } from './Refusal.tsx';
import { ReplayPanel } from './ReplayPanel.tsx';
import { RuleConditions } from './RuleConditions.tsx';
import { inputOf, type RuleDraft } from './ruleDraft.ts';
import { RuleFields } from './RuleFields.tsx';
import { RuleSentence } from './RuleSentence.tsx';
import { saveOverRule, saveRule } from './rulesApi.ts';

/** The form of a rule. Nothing is lost while it is open: a refusal keeps what was typed and names the field. */
export function RuleEditor(props: {
  before: AlertRule | null;
  draft: RuleDraft;
  look: Settings;
  /** With the rule that was saved. */
  onClose: (saved: AlertRule | null) => void;
}) {
  const { before, onClose } = props;
  const [draft, setDraft] = useState(props.draft);
  const [failed, setFailed] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  const change = (part: Partial<RuleDraft>) => setDraft((held) => ({ ...held, ...part }));
  const rule = inputOf(draft);

  async function close(work: Promise<AlertRule>): Promise<void> {
    setSaving(true);
    setFailed(null);
    try {
      onClose(await work);
    } catch (thrown) {
      setFailed(thrown);
      setSaving(false);
    }
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void close(saveRule(before, rule));
  }

  return (
    <form
      ref={form}
      className="rule-form"
      onSubmit={onSubmit}
      noValidate
      aria-label={before ? `Edit ${before.rule.name}` : 'New rule'}
    >
      <RuleFields draft={draft} change={change} />
      <RuleConditions draft={draft} change={change} />
      <ChannelChoice draft={draft} change={change} />
      <ReplayPanel rule={rule} look={props.look} />
      <RuleSentence rule={rule} />
      {failed !== null && <Refusal thrown={failed} />}
      <div className="rule-actions">
        <Button type="submit" className="primary" disabled={saving}>
          {saving ? 'Saving…' : 'Save'}
        </Button>
        {before && isStatus(failed, 404, 412) && (
          <Button onClick={() => void close(saveOverRule(before.id, rule))}>Save all the same</Button>
        )}
        <Button onClick={() => onClose(null)}>Cancel</Button>
      </div>
    </form>
  );
}
