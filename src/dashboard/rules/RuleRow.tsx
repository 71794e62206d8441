import { useState, type ReactNode } from 'react';
import type { AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Button } from '../shell/Button.tsx';
import { describeFailure } from './Refusal.tsx';
import { watchlistOf } from './ruleDraft.ts';
import { Switch } from './Switch.tsx';

/** A rule or a channel in words (`children`) with its buttons. `failed`: why the last change of it was refused. */
export function RuleRow(props: {
  name: string;
  on: boolean;
  failed: string | null;
  onSwitch: (on: boolean) => void;
  /** `null` while another one is in the editor. */
  onEdit: (() => void) | null;
  tools?: ReactNode;
  children: ReactNode;
}) {
  const { name, on, failed, onSwitch, onEdit, tools, children } = props;
  return (
    <>
      <div className="rule-words">
        <h3>{name}</h3>
        {children}
        {failed !== null && <p role="alert">{failed}.</p>}
      </div>
      <div className="rule-tools">
        <Switch name={name} on={on} onChange={onSwitch} />
        <Button
          data-edit
          aria-label={`Edit ${name}`}
          disabled={onEdit === null}
          onClick={onEdit ?? undefined}
        >
          Edit
        </Button>
        {tools}
      </div>
    </>
  );
}

/** Runs a change of a row, and holds why the last one failed. */
export function useChange() {
  const [failed, setFailed] = useState<string | null>(null);
  async function change(work: Promise<unknown>, then?: () => void): Promise<void> {
    setFailed(null);
    await work.then(then, (thrown: unknown) => setFailed(describeFailure(thrown)));
  }
  return { failed, change };
}

/** Why a rule that is on cannot fire. `watchlist`: that of the rule; `null`: it was deleted, `undefined`: not read yet. */
export function WatchlistWarning(props: {
  rule: Pick<AlertRule['rule'], 'enabled' | 'symbols'>;
  watchlist: AlertRule['watchlist'] | undefined;
}) {
  const { rule, watchlist } = props;
  if (!rule.enabled || watchlistOf(rule) === null) return null;
  if (watchlist === undefined || (watchlist && watchlist.symbols.length > 0)) return null;
  return (
    <p className="channel-fault">
      {watchlist === null
        ? 'It cannot fire: its watchlist was deleted. Edit the rule and choose its symbols.'
        : 'It cannot fire: its watchlist is empty.'}
    </p>
  );
}
