import { useQuery } from '@tanstack/react-query';
import { channelsQuery } from './channelsApi.ts';
import type { DraftProps } from './DraftField.tsx';

/** The channels that a rule sends to. */
export function ChannelChoice({ draft, change }: DraftProps) {
  const { data } = useQuery(channelsQuery);
  if (!data || data.channels.length === 0) return null;
  const toggle = (id: string) =>
    change({
      channelIds: draft.channelIds.includes(id)
        ? draft.channelIds.filter((it) => it !== id)
        : [...draft.channelIds, id],
    });
  return (
    <fieldset>
      <legend>Send to</legend>
      {data.channels.map(({ id, name }) => (
        <label key={id} className="rule-check">
          <input type="checkbox" checked={draft.channelIds.includes(id)} onChange={() => toggle(id)} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
