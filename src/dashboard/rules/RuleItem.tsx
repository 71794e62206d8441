import { useQuery } from '@tanstack/react-query';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import { formatRecent, type ClockZone } from '../timeOfDay.ts';
import { AskButton } from './AskButton.tsx';
import { channelsQuery } from './channelsApi.ts';
import { RuleRow, useChange, WatchlistWarning } from './RuleRow.tsx';
import { deleteRule, saveRule } from './rulesApi.ts';
import { describePace, describeReceivers, describeRule } from './ruleWords.ts';

/** A rule in words. `onEdit` is `null` while another rule is in the editor. */
export function RuleItem(props: {
  rule: AlertRule;
  /** It is on and does not fire, because the tier has fewer rules. */
  rests: boolean;
  now: number;
  zone: ClockZone;
  onEdit: (() => void) | null;
  onDeleted: () => void;
}) {
  const { rule: stored, rests, now, zone, onEdit, onDeleted } = props;
  const { rule, lastFiredAt } = stored;
  const { data } = useQuery(channelsQuery);
  const { failed, change } = useChange();

  return (
    <li className={rule.enabled ? '' : 'is-off'} data-rule={stored.id}>
      <RuleRow
        name={rule.name}
        on={rule.enabled}
        failed={failed}
        onSwitch={(enabled) => void change(saveRule(stored, { ...rule, enabled }))}
        onEdit={onEdit}
        tools={
          <AskButton
            text="Delete"
            name={rule.name}
            onSure={() => void change(deleteRule(stored.id), onDeleted)}
          />
        }
      >
        <p>{describeRule(rule, stored.watchlist)}</p>
        <p className="muted">{describePace(rule)}</p>
        <p className="muted">
          {rule.enabled
            ? lastFiredAt === null
              ? 'has not fired yet'
              : `last fired ${formatRecent(lastFiredAt, now, zone)}`
            : stored.offReason === null
              ? 'off'
              : `switched off: ${stored.offReason}`}
          {data && ` · ${describeReceivers(rule.channelIds, data.channels)}`}
        </p>
        <WatchlistWarning {...stored} />
        {rests && (
          <p className="channel-fault">
            It does not fire: your tier has fewer rules, and the oldest that are on come first. Turn one of
            them off.
          </p>
        )}
      </RuleRow>
    </li>
  );
}
