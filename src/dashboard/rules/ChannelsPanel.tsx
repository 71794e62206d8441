import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from '../shell/Button.tsx';
import type { ClockZone } from '../timeOfDay.ts';
import { ChannelForm } from './ChannelForm.tsx';
import { ChannelItem } from './ChannelItem.tsx';
import { ChannelSecret } from './ChannelSecret.tsx';
import { channelsQuery, createChannel } from './channelsApi.ts';
import { ReadState } from './ReadState.tsx';
import { Refusal } from './Refusal.tsx';
import { canReceivePush, subscribeThisBrowser } from './thisBrowser.ts';

/** Where alerts are sent, and how each receiver is. */
export function ChannelsPanel({ zone }: { zone: ClockZone }) {
  const query = useQuery(channelsQuery);
  const { data } = query;
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const [isAsking, setIsAsking] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const hasPush = data !== undefined && data.vapidPublicKey !== null && canReceivePush();
  const isFull = !data || data.channels.length >= data.limit;

  function onCreated(created: string | null): void {
    setAdding(false);
    setSecret(created);
    title.current?.focus();
  }

  async function addThisBrowser(vapidPublicKey: string): Promise<void> {
    setFailed(null);
    setIsAsking(true);
    await subscribeThisBrowser(vapidPublicKey).then(createChannel).catch(setFailed);
    setIsAsking(false);
  }

  return (
    <section className="panel" aria-labelledby="channels-title">
      <div className="panel-head">
        <h2 id="channels-title" ref={title} tabIndex={-1}>
          Channels {data && isFull && <span className="muted">{`${data.limit} of ${data.limit}`}</span>}
        </h2>
        <span className="rule-tools">
          {hasPush && (
            <Button disabled={isAsking || isFull} onClick={() => void addThisBrowser(data.vapidPublicKey!)}>
              {isAsking ? 'Asking the browser…' : 'Add this browser'}
            </Button>
          )}
          <Button disabled={adding || isFull} onClick={() => setAdding(true)}>
            New channel
          </Button>
        </span>
      </div>
      <ReadState name="Channels" zone={zone} query={query} />
      {failed !== null && <Refusal thrown={failed} />}
      {secret !== null && <ChannelSecret secret={secret} onClose={() => setSecret(null)} />}
      {adding && (
        <ChannelForm
          onCreated={onCreated}
          onClose={() => {
            setAdding(false);
            title.current?.focus();
          }}
        />
      )}
      {data?.channels.length === 0 && !adding && <NoChannels hasPush={hasPush} />}
      <ul className="rule-list">
        {data?.channels.map((it) => (
          <ChannelItem
            key={it.id}
            channel={it}
            now={query.dataUpdatedAt}
            zone={zone}
            onDeleted={() => title.current?.focus()}
          />
        ))}
      </ul>
    </section>
  );
}

function NoChannels({ hasPush }: { hasPush: boolean }) {
  return (
    <p className="muted">
      No channels: alerts appear on this page only. Add a webhook, Telegram, Discord or Slack
      {hasPush && ', or this browser, which then rings with all tabs closed'}.
    </p>
  );
}
