import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Channel, ChannelWithSecret } from '../../openInterest/delivery/channel.types.ts';
import { Button } from '../shell/Button.tsx';
import type { ClockZone } from '../timeOfDay.ts';
import { ChannelForm } from './ChannelForm.tsx';
import { ChannelItem } from './ChannelItem.tsx';
import { ChannelSecret } from './ChannelSecret.tsx';
import { channelsQuery, saveChannel } from './channelsApi.ts';
import { ReadState } from './ReadState.tsx';
import { Refusal } from './Refusal.tsx';
import { canReceivePush, subscribeThisBrowser } from './thisBrowser.ts';
import { useFocusAfter } from './useFocusAfter.ts';
import { withEdited } from './withEdited.ts';

/** Where alerts are sent, and how each receiver is. */
export function ChannelsPanel({ zone }: { zone: ClockZone }) {
  const query = useQuery(channelsQuery);
  const { data } = query;
  const [editing, setEditing] = useState<{ before: Channel | null } | null>(null);
  const [made, setMade] = useState<ChannelWithSecret | null>(null);
  const [failed, setFailed] = useState<unknown>(null);
  const place = useRef<HTMLElement>(null);
  const focusAfter = useFocusAfter(place, editing);
  const hasPush = data !== undefined && data.vapidPublicKey !== null && canReceivePush();
  const isFull = !data || data.channels.length >= data.limit;

  const focusTitle = () => place.current?.querySelector('h2')?.focus();
  function showSecret(it: ChannelWithSecret | null): void {
    setMade(it);
    focusTitle();
  }
  function close(saved: ChannelWithSecret | null): void {
    const id = saved?.channel.id ?? editing?.before?.id;
    const button = id === undefined ? '[data-new]' : `[data-channel="${id}"] [data-edit]`;
    focusAfter(saved?.secret ? 'h2' : button);
    setEditing(null);
    if (saved?.secret) setMade(saved);
  }
  const form = editing && <ChannelForm {...editing} onClose={close} />;

  return (
    <section ref={place} className="panel" aria-labelledby="channels-title">
      <div className="panel-head">
        <h2 id="channels-title" tabIndex={-1}>
          Channels {data && isFull && <span className="muted">{`${data.limit} of ${data.limit}`}</span>}
        </h2>
        <span className="rule-tools">
          {hasPush && (
            <ThisBrowserButton vapidPublicKey={data.vapidPublicKey!} disabled={isFull} onFailed={setFailed} />
          )}
          <Button data-new disabled={editing !== null || isFull} onClick={() => setEditing({ before: null })}>
            New channel
          </Button>
        </span>
      </div>
      <ReadState name="Channels" zone={zone} query={query} />
      {failed !== null && <Refusal thrown={failed} />}
      {made?.secret && (
        <ChannelSecret name={made.channel.name} secret={made.secret} onClose={() => showSecret(null)} />
      )}
      {editing?.before === null && form}
      {data?.channels.length === 0 && !editing && <NoChannels hasPush={hasPush} />}
      <ul className="rule-list">
        {withEdited(data?.channels ?? [], editing?.before ?? null).map((it) =>
          it.id === editing?.before?.id ? (
            <li key={it.id}>{form}</li>
          ) : (
            <ChannelItem
              key={it.id}
              channel={it}
              now={query.dataUpdatedAt}
              zone={zone}
              onEdit={editing ? null : () => setEditing({ before: it })}
              onNewSecret={showSecret}
              onDeleted={focusTitle}
            />
          ),
        )}
      </ul>
    </section>
  );
}

function ThisBrowserButton(props: {
  vapidPublicKey: string;
  disabled: boolean;
  /** `null`: not yet. */
  onFailed: (thrown: unknown) => void;
}) {
  const { vapidPublicKey, disabled, onFailed } = props;
  const [isAsking, setIsAsking] = useState(false);
  async function add(): Promise<void> {
    onFailed(null);
    setIsAsking(true);
    await subscribeThisBrowser(vapidPublicKey)
      .then((it) => saveChannel(null, it))
      .catch(onFailed);
    setIsAsking(false);
  }
  return (
    <Button disabled={isAsking || disabled} onClick={() => void add()}>
      {isAsking ? 'Asking the browser…' : 'Add this browser'}
    </Button>
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
