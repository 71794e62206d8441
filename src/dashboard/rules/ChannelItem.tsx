import { useState } from 'react';
import type { Channel, ChannelWithSecret } from '../../openInterest/delivery/channel.types.ts';
import { formatCountOf } from '../../kit/format.shared.ts';
import { Button } from '../shell/Button.tsx';
import { formatRecent, type ClockZone } from '../timeOfDay.ts';
import { AskButton } from './AskButton.tsx';
import { KIND_NAMES } from './ChannelForm.tsx';
import { deleteChannel, makeNewSecret, saveChannel, testChannel } from './channelsApi.ts';
import { RuleRow, useChange } from './RuleRow.tsx';
import { describeDelivery } from './ruleWords.ts';

/** A channel with its state. A test is sent at once, and what the receiver answered is shown. */
export function ChannelItem(props: {
  channel: Channel;
  now: number;
  zone: ClockZone;
  /** `null` while another channel is in the form. */
  onEdit: (() => void) | null;
  onNewSecret: (made: ChannelWithSecret) => void;
  onDeleted: () => void;
}) {
  const { channel, now, zone, onEdit, onNewSecret, onDeleted } = props;
  const { failed, change } = useChange();
  const [note, setNote] = useState('');
  const [isTesting, setIsTesting] = useState(false);

  async function test(): Promise<void> {
    setNote('');
    setIsTesting(true);
    await change(testChannel(channel.id).then((it) => setNote(`Test: ${describeDelivery(it)}`)));
    setIsTesting(false);
  }

  const tools = (
    <>
      <Button aria-label={`Test ${channel.name}`} disabled={isTesting} onClick={() => void test()}>
        Test
      </Button>
      {channel.kind === 'webhook' && (
        <AskButton
          text="New secret"
          name={`for ${channel.name}`}
          warning="The old secret stays valid for 24 h, or until you make another new one."
          onSure={() => void change(makeNewSecret(channel.id).then(onNewSecret))}
        />
      )}
      <AskButton
        text="Delete"
        name={channel.name}
        onSure={() => void change(deleteChannel(channel.id), onDeleted)}
      />
    </>
  );
  return (
    <li data-channel={channel.id} className={channel.on ? '' : 'is-off'}>
      <RuleRow
        name={channel.name}
        on={channel.on}
        failed={failed}
        onSwitch={(on) => void change(saveChannel(channel, { on }))}
        onEdit={onEdit}
        tools={tools}
      >
        <p>
          {KIND_NAMES[channel.kind]} · {channel.receiver}
          {channel.hint !== '' && <span className="muted"> · secret ends in {channel.hint}</span>}
        </p>
        <Health channel={channel} now={now} zone={zone} />
        <p role="status">{isTesting ? 'Sending a test…' : note}</p>
      </RuleRow>
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
