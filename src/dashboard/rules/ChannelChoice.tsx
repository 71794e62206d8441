import { useQuery } from '@tanstack/react-query';
import { channelsQuery } from './channelsApi.ts';
import type { DraftProps } from './DraftField.tsx';
import { toggled } from '../toggled.ts';
import { Check } from '../shell/SettingRow.tsx';

/** The channels that a rule sends to. */
export function ChannelChoice({ draft, change }: DraftProps) {
  const { data } = useQuery(channelsQuery);
  if (!data || data.channels.length === 0) return null;
  return (
    <fieldset>
      <legend>Send to</legend>
      {data.channels.map(({ id, name }) => (
        <Check
          key={id}
          className="rule-check"
          label={name}
          checked={draft.channelIds.includes(id)}
          onChange={() => change({ channelIds: toggled(draft.channelIds, id) })}
        />
      ))}
    </fieldset>
  );
}
