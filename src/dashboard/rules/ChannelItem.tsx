import { useState } from 'react';
import type { Channel } from '../../openInterest/delivery/channel.types.ts';
import { formatCountOf } from '../../kit/format.shared.ts';
import { Button } from '../shell/Button.tsx';
import { formatRecent, type ClockZone } from '../timeOfDay.ts';
import { AskButton } from './AskButton.tsx';
import { KIND_NAMES } from './ChannelForm.tsx';
import { deleteChannel, switchChannel, testChannel } from './channelsApi.ts';
import { describeFailure } from './Refusal.tsx';
import { describeDelivery } from './ruleWords.ts';
import { Switch } from './Switch.tsx';

/** A channel with its state. A test is sent at once, and what the receiver answered is shown. */
export function ChannelItem(props: {
  channel: Channel;
  now: number;
  zone: ClockZone;
  onDeleted: () => void;
}) {
  const { channel, now, zone, onDeleted } = props;
  const [note, setNote] = useState('');
  const [isTesting, setIsTesting] = useState(false);

  async function run(work: Promise<unknown>, then?: () => void): Promise<void> {
    setNote('');
    await work.then(then, (thrown: unknown) => setNote(`${describeFailure(thrown)}.`));
  }
  async function test(): Promise<void> {
    setIsTesting(true);
    await run(testChannel(channel.id).then((it) => setNote(`Test: ${describeDelivery(it)}`)));
    setIsTesting(false);
  }

  return (
    <li data-channel={channel.id} className={channel.on ? '' : 'is-off'}>
      <div className="rule-words">
        <h3>{channel.name}</h3>
        <p>
          {KIND_NAMES[channel.kind]} · {channel.receiver}
          {channel.hint !== '' && <span className="muted"> · secret ends in {channel.hint}</span>}
        </p>
        <Health channel={channel} now={now} zone={zone} />
        <p role="status">{isTesting ? 'Sending a test…' : note}</p>
      </div>
      <div className="rule-tools">
        <Button aria-label={`Test ${channel.name}`} disabled={isTesting} onClick={() => void test()}>
          Test
        </Button>
        <Switch name={channel.name} on={channel.on} onChange={(on) => void run(switchChannel(channel, on))} />
        <AskButton
          text="Delete"
          name={channel.name}
          onSure={() => void run(deleteChannel(channel.id), onDeleted)}
        />
      </div>
    </li>
  );
}

function Health({ channel, now, zone }: { channel: Channel; now: number; zone: ClockZone }) {
  const { on, offReason, failures, failingSince, lastError, retryAt } = channel;
  if (!on) return <p className="channel-fault">off{offReason !== null && `: ${offReason}`}</p>;
  if (failures === 0) return null;
  return (
    <p className="channel-fault">
      {formatCountOf(failures, 'failed attempt')}
      {failingSince !== null && ` since ${formatRecent(failingSince, now, zone)}`}
      {lastError !== null && `: ${lastError}`}
      {retryAt !== null && `; next at ${formatRecent(retryAt, now, zone)}`}
    </p>
  );
}
