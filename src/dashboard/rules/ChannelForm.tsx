import { useState } from 'react';
import type { Channel, ChannelKind, ChannelWithSecret } from '../../openInterest/delivery/channel.types.ts';
import { saveChannel } from './channelsApi.ts';
import { SelectField, TextField } from './Field.tsx';
import { RuleForm } from './RuleForm.tsx';

export const KIND_NAMES: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Webhook',
  telegram: 'Telegram',
  discord: 'Discord',
  slack: 'Slack',
  webpush: 'Browser',
};

const { webpush: _, ...FORM_KINDS } = KIND_NAMES;

type Draft = { name: string; kind: keyof typeof FORM_KINDS; url: string; token: string; chat: string };
const EMPTY: Draft = { name: '', kind: 'webhook', url: '', token: '', chat: '' };

/** The form of a channel, an existing or a new one. The server checks the address, and never shows a secret again. */
export function ChannelForm(props: {
  before: Channel | null;
  /** With what was saved. */
  onClose: (saved: ChannelWithSecret | null) => void;
}) {
  const { before, onClose } = props;
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, name: before?.name ?? '' });
  const change = (part: Partial<Draft>) => setDraft((held) => ({ ...held, ...part }));
  const { name, url, token, chat } = draft;
  const kind = before?.kind ?? draft.kind;
  const label = before ? `Edit ${before.name}` : 'New channel';
  const whole = { name, settings: kind === 'telegram' ? { kind, token, chat } : { kind, url } };
  const saveOver = before && kind !== 'webpush' ? () => saveChannel(null, whole) : null;

  return (
    <RuleForm
      label={label}
      save={() => saveChannel(before, before && url + token + chat === '' ? { name } : whole)}
      saveOver={saveOver}
      onClose={onClose}
    >
      <fieldset>
        <legend>{label}</legend>
        {before === null && (
          <SelectField
            label="Kind"
            value={draft.kind}
            options={FORM_KINDS}
            onChange={(kind) => change({ kind })}
          />
        )}
        <TextField label="Channel name" value={name} required onChange={(name) => change({ name })} />
        <ReceiverFields kind={kind} draft={draft} isNew={before === null} change={change} />
      </fieldset>
    </RuleForm>
  );
}

/** A browser has none: its push service gives it an address. */
function ReceiverFields(props: {
  kind: ChannelKind;
  draft: Draft;
  isNew: boolean;
  change: (part: Partial<Draft>) => void;
}) {
  const { kind, draft, isNew, change } = props;
  if (kind === 'webpush') return null;
  if (kind !== 'telegram') {
    return (
      <>
        <TextField
          label="Address"
          value={draft.url}
          note={isNew ? 'https://…' : 'leave empty to keep it'}
          onChange={(url) => change({ url })}
        />
        {kind === 'webhook' && !isNew && (
          <p className="muted rule-wide">
            A new address gets a new secret, shown once, and the old secret ends at once.
          </p>
        )}
      </>
    );
  }
  return (
    <>
      <TextField
        label="Bot token"
        value={draft.token}
        note={isNew ? '' : 'leave both empty to keep them'}
        onChange={(token) => change({ token })}
      />
      <TextField
        label="Chat"
        value={draft.chat}
        note="-1001234567890 or @name"
        onChange={(chat) => change({ chat })}
      />
    </>
  );
}
