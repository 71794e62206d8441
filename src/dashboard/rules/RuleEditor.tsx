import { useState, type FormEvent } from 'react';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import { ApiError } from '../live/api.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { RuleConditions } from './RuleConditions.tsx';
import { inputOf, type RuleDraft } from './ruleDraft.ts';
import { RuleFields } from './RuleFields.tsx';
import { saveRule } from './rulesApi.ts';

/** The form of a rule. Nothing is lost while it is open: a refusal keeps what was typed and names the field. */
export function RuleEditor(props: {
  before: AlertRule | null;
  draft: RuleDraft;
  zone: ClockZone;
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
      {failed !== null && <Refusal thrown={failed} />}
      <div className="rule-actions">
        <button type="submit" className="button primary" disabled={saving}>
          {saving ? 'Saving…' : 'Save'}
        </button>
        <button type="button" className="button" onClick={props.onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** What the server refused, field by field. */
function Refusal({ thrown }: { thrown: unknown }) {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const details = thrown instanceof ApiError ? thrown.details : [];
  return (
    <div className="rule-refusal" role="alert">
      <p>{message}.</p>
      {details.length > 0 && (
        <ul>
          {details.map((it) => (
            <li key={`${it.path} ${it.message}`}>
              <b>{FIELD_NAMES[it.path.split('.')[0] ?? ''] ?? it.path}</b>: {it.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** How the form names the fields of a rule. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: 'Name',
  symbols: 'Symbols',
  thresholdPct: 'Change of open interest',
  leastUsd: 'Least change in USD',
  price: 'Price',
  funding: 'Funding',
  leastVolume24h: '24 h volume',
  cooldownMin: 'Cooldown',
  rearmShare: 'Armed again',
  escalationPct: 'Again if larger',
  quietHours: 'Quiet hours',
  channelIds: 'Channels',
};
