import { useQuery } from '@tanstack/react-query';
import { toggled } from '../toggled.ts';
import { Check } from '../shell/SettingRow.tsx';
import { channelsQuery } from './channelsApi.ts';
import type { DraftProps } from './DraftField.tsx';

/** The channels that a rule sends to. `without`: what becomes of an alert without one. */
export function ChannelChoice({ draft, change, without }: DraftProps & { without: string }) {
  const { data } = useQuery(channelsQuery);
  if (!data) return null;
  return (
    <fieldset>
      <legend>Send to</legend>
      {data.channels.map(({ id, name, on }) => (
        <Check
          key={id}
          className="rule-check"
          label={on ? name : `${name} (off)`}
          checked={draft.channelIds.includes(id)}
          onChange={() => change({ channelIds: toggled(draft.channelIds, id) })}
        />
      ))}
      {data.channels.length === 0 ? (
        <p className="muted rule-wide">There is no channel yet, so {without}.</p>
      ) : (
        draft.channelIds.length === 0 && <p className="muted rule-wide">No channel is chosen: {without}.</p>
      )}
    </fieldset>
  );
}
