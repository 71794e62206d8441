import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Button } from '../shell/Button.tsx';
import { formatRecent, type ClockZone } from '../timeOfDay.ts';
import { channelsQuery } from './channelsApi.ts';
import { DeleteButton } from './DeleteButton.tsx';
import { describeFailure } from './Refusal.tsx';
import { watchlistOf } from './ruleDraft.ts';
import { deleteRule, saveRule } from './rulesApi.ts';
import { describePace, describeReceivers, describeRule } from './ruleWords.ts';
import { Switch } from './Switch.tsx';

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
  const [failed, setFailed] = useState<string | null>(null);

  async function run(work: Promise<unknown>, then?: () => void): Promise<void> {
    setFailed(null);
    await work.then(then, (thrown: unknown) => setFailed(describeFailure(thrown)));
  }

  return (
    <li className={rule.enabled ? '' : 'is-off'} data-rule={stored.id}>
      <div className="rule-words">
        <h3>{rule.name}</h3>
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
        <Warning {...stored} />
        {rests && (
          <p className="channel-fault">
            It does not fire: your tier has fewer rules, and the oldest that are on come first. Turn one of
            them off.
          </p>
        )}
        {failed !== null && <p role="alert">{failed}.</p>}
      </div>
      <div className="rule-tools">
        <Switch
          name={rule.name}
          on={rule.enabled}
          onChange={(enabled) => void run(saveRule(stored, { ...rule, enabled }))}
        />
        <Button
          data-edit
          aria-label={`Edit ${rule.name}`}
          disabled={onEdit === null}
          onClick={onEdit ?? undefined}
        >
          Edit
        </Button>
        <DeleteButton name={rule.name} onDelete={() => void run(deleteRule(stored.id), onDeleted)} />
      </div>
    </li>
  );
}

/** Why a rule that is on cannot fire. */
function Warning({ rule, watchlist }: AlertRule) {
  if (!rule.enabled || watchlistOf(rule) === null || (watchlist && watchlist.symbols.length > 0)) return null;
  return (
    <p className="channel-fault">
      {watchlist === null
        ? 'It cannot fire: its watchlist was deleted. Edit the rule and choose its symbols.'
        : 'It cannot fire: its watchlist is empty.'}
    </p>
  );
}
