import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Channel } from '../../openInterest/delivery/channel.types.ts';
import { Button } from '../shell/Button.tsx';
import { formatMoment, type ClockZone } from '../timeOfDay.ts';
import { ChannelForm, KIND_NAMES } from './ChannelForm.tsx';
import { channelsQuery, createChannel, deleteChannel, switchChannel, testChannel } from './channelsApi.ts';
import { Refusal } from './Refusal.tsx';
import { describeDelivery } from './ruleWords.ts';
import { Switch } from './Switch.tsx';
import { canReceivePush, subscribeThisBrowser } from './thisBrowser.ts';

/** Where alerts are sent, and how each receiver is. */
export function ChannelsPanel({ zone }: { zone: ClockZone }) {
  const { data, error } = useQuery(channelsQuery);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const isFull = !data || data.channels.length >= data.limit;

  function onCreated(created: string | null): void {
    setAdding(false);
    setSecret(created);
  }

  function addThisBrowser(vapidPublicKey: string): void {
    setFailed(null);
    subscribeThisBrowser(vapidPublicKey).then(createChannel).catch(setFailed);
  }

  return (
    <section className="panel" aria-labelledby="channels-title">
      <div className="panel-head">
        <h2 id="channels-title">Channels</h2>
        <span className="rule-tools">
          {data?.vapidPublicKey && canReceivePush() && (
            <Button disabled={isFull} onClick={() => addThisBrowser(data.vapidPublicKey!)}>
              Add this browser
            </Button>
          )}
          <Button disabled={adding || isFull} onClick={() => setAdding(true)}>
            New channel
          </Button>
        </span>
      </div>
      {error && <p role="alert">Channels cannot be read: {error.message}.</p>}
      {failed !== null && <Refusal thrown={failed} />}
      {secret !== null && (
        <p role="status" className="channel-secret">
          The secret of this webhook, shown once: <code>{secret}</code>
        </p>
      )}
      {adding && <ChannelForm onCreated={onCreated} onClose={() => setAdding(false)} />}
      {data?.channels.length === 0 && !adding && (
        <p className="muted">
          No channels: alerts appear on this page only. Add a webhook, Telegram, Discord or Slack.
        </p>
      )}
      <ul className="rule-list">
        {data?.channels.map((it) => (
          <ChannelItem key={it.id} channel={it} zone={zone} />
        ))}
      </ul>
    </section>
  );
}

function ChannelItem({ channel, zone }: { channel: Channel; zone: ClockZone }) {
  const [note, setNote] = useState<string | null>(null);

  function run(work: Promise<string | void>): void {
    setNote(null);
    work.then(
      (text) => setNote(text ?? null),
      (thrown: unknown) => setNote(thrown instanceof Error ? thrown.message : String(thrown)),
    );
  }

  return (
    <li data-channel={channel.id} className={channel.on ? '' : 'is-off'}>
      <div className="rule-words">
        <h3>{channel.name}</h3>
        <p>
          {KIND_NAMES[channel.kind]} · {channel.receiver}
          {channel.hint !== '' && ` · …${channel.hint}`}
        </p>
        <Health channel={channel} zone={zone} />
        {note !== null && <p role="status">{note}</p>}
      </div>
      <div className="rule-tools">
        <Button
          aria-label={`Test ${channel.name}`}
          onClick={() => run(testChannel(channel.id).then((it) => `Test: ${describeDelivery(it)}`))}
        >
          Test
        </Button>
        <Switch name={channel.name} on={channel.on} onChange={(on) => run(switchChannel(channel, on))} />
        <Button aria-label={`Delete ${channel.name}`} onClick={() => run(deleteChannel(channel.id))}>
          Delete
        </Button>
      </div>
    </li>
  );
}

function Health({ channel, zone }: { channel: Channel; zone: ClockZone }) {
  const { on, offReason, failures, failingSince, lastError, retryAt } = channel;
  if (!on) return <p className="channel-fault">off{offReason !== null && `: ${offReason}`}</p>;
  if (failures === 0) return null;
  return (
    <p className="channel-fault">
      {failures} failed attempts{failingSince !== null && ` since ${formatMoment(failingSince, zone)}`}
      {lastError !== null && `: ${lastError}`}
      {retryAt !== null && `; next at ${formatMoment(retryAt, zone)}`}
    </p>
  );
}
