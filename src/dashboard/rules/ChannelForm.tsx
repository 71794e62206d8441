import { useEffect, useRef, useState, type FormEvent } from 'react';
import type {
  ChannelInput,
  ChannelKind,
  ChannelSettings,
} from '../../openInterest/delivery/channel.types.ts';
import { Button } from '../shell/Button.tsx';
import { createChannel } from './channelsApi.ts';
import { SelectField, TextField } from './Field.tsx';
import { Refusal } from './Refusal.tsx';

export const KIND_NAMES: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Webhook',
  telegram: 'Telegram',
  discord: 'Discord',
  slack: 'Slack',
  webpush: 'Browser',
};

const { webpush: _, ...FORM_KINDS } = KIND_NAMES;

type Draft = { name: string; kind: keyof typeof FORM_KINDS; url: string; token: string; chat: string };

/** The form of a new channel. The server checks the address, and never shows a secret again. */
export function ChannelForm(props: { onCreated: (secret: string | null) => void; onClose: () => void }) {
  const [draft, setDraft] = useState<Draft>({ name: '', kind: 'webhook', url: '', token: '', chat: '' });
  const [failed, setFailed] = useState<unknown>(null);
  const [isSaving, setIsSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector('select')?.focus(), []);
  const change = (part: Partial<Draft>) => setDraft((held) => ({ ...held, ...part }));

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setFailed(null);
    setIsSaving(true);
    createChannel(inputOf(draft)).then(props.onCreated, (thrown: unknown) => {
      setFailed(thrown);
      setIsSaving(false);
    });
  }

  return (
    <form ref={form} className="rule-form" onSubmit={onSubmit} noValidate aria-label="New channel">
      <fieldset>
        <legend>New channel</legend>
        <SelectField
          label="Kind"
          value={draft.kind}
          options={FORM_KINDS}
          onChange={(kind) => change({ kind })}
        />
        <TextField label="Channel name" value={draft.name} required onChange={(name) => change({ name })} />
        {draft.kind === 'telegram' ? (
          <>
            <TextField label="Bot token" value={draft.token} onChange={(token) => change({ token })} />
            <TextField
              label="Chat"
              value={draft.chat}
              note="-1001234567890 or @name"
              onChange={(chat) => change({ chat })}
            />
          </>
        ) : (
          <TextField label="Address" value={draft.url} note="https://…" onChange={(url) => change({ url })} />
        )}
      </fieldset>
      {failed !== null && <Refusal thrown={failed} />}
      <div className="rule-actions">
        <Button type="submit" className="primary" disabled={isSaving}>
          {isSaving ? 'Adding…' : 'Add'}
        </Button>
        <Button onClick={props.onClose}>Cancel</Button>
      </div>
    </form>
  );
}

function inputOf({ name, kind, url, token, chat }: Draft): ChannelInput {
  const settings: ChannelSettings = kind === 'telegram' ? { kind, token, chat } : { kind, url };
  return { name, settings };
}
