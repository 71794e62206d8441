import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { BUILT_IN, type BuiltInRule } from '../../openInterest/rules/builtInRule.types.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { BuiltInEditor } from './BuiltInEditor.tsx';
import { builtInQuery, saveBuiltIn } from './builtInApi.ts';
import { channelsQuery } from './channelsApi.ts';
import { ReadState } from './ReadState.tsx';
import { RuleRow, useChange, WatchlistWarning } from './RuleRow.tsx';
import { describeBuiltIn, describeBuiltInState } from './ruleWords.ts';
import { useFocusAfter } from './useFocusAfter.ts';
import { useWatchlists } from './useWatchlists.ts';

/** The rule that sends the collector's own alerts: in words, or in its editor. */
export function BuiltInRow({ zone }: { zone: ClockZone }) {
  const query = useQuery(builtInQuery);
  const { data } = query;
  const [edited, setEdited] = useState<BuiltInRule | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const focusAfter = useFocusAfter(place, edited);

  function close(): void {
    focusAfter('[data-edit]');
    setEdited(null);
  }

  return (
    <div
      ref={place}
      className={data?.rule.enabled ? 'rule-row' : 'rule-row is-off'}
      data-testid="built-in-rule"
    >
      <ReadState name={BUILT_IN.ruleName} zone={zone} query={query} />
      {edited ? (
        <BuiltInEditor before={edited} onClose={close} />
      ) : (
        data && <BuiltInWords stored={data} onEdit={() => setEdited(data)} />
      )}
    </div>
  );
}

function BuiltInWords({ stored, onEdit }: { stored: BuiltInRule; onEdit: () => void }) {
  const { rule } = stored;
  const { data } = useQuery(channelsQuery);
  const watchlist = useWatchlists()(rule);
  const { failed, change } = useChange();
  const channels = data?.channels.filter(({ id }) => rule.channelIds.includes(id));
  const state = describeBuiltInState(rule, channels ?? []);
  return (
    <RuleRow
      name={BUILT_IN.ruleName}
      on={rule.enabled}
      failed={failed}
      onSwitch={(enabled) => void change(saveBuiltIn(stored, { ...rule, enabled }))}
      onEdit={onEdit}
    >
      <p>{describeBuiltIn(rule, watchlist, channels?.length ?? rule.channelIds.length)}</p>
      {state !== '' && <p className="muted">{state}</p>}
      <WatchlistWarning rule={rule} watchlist={watchlist} />
      {rule.enabled && channels?.length === 0 && (
        <p className="channel-fault">It sends nothing: edit it and choose a channel.</p>
      )}
    </RuleRow>
  );
}
