import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { RULES_BY_TIER, type AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Button, TextButton } from '../shell/Button.tsx';
import type { Settings } from '../shell/settings.ts';
import { formatMoment, type ClockZone } from '../timeOfDay.ts';
import { draftFromAddress, draftOf, newDraft, watchlistOf, type RuleDraft } from './ruleDraft.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { describePace, describeRule } from './ruleWords.ts';
import { Switch } from './Switch.tsx';
import { deleteRule, rulesQuery, saveRule } from './rulesApi.ts';

const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

type Editing = { before: AlertRule | null; draft: RuleDraft };

/** The user's rules, `most` of them; one of them, or a new one, may be open in the editor. */
export function RulesPanel({ most, look }: { most: number; look: Settings }) {
  const { data, error, refetch } = useQuery(rulesQuery);
  const [editing, setEditing] = useState<Editing | null>(() => {
    const draft = draftFromAddress(window.location.search, TIME_ZONE);
    return draft && { before: null, draft };
  });
  const rules = data?.rules ?? [];

  return (
    <section className="panel" aria-labelledby="rules-title">
      <div className="panel-head">
        <h2 id="rules-title">
          Rules{' '}
          {data && (
            <span className="muted">
              {`${rules.length} of ${most}`}
              {most === RULES_BY_TIER.pro && `; Elite has ${RULES_BY_TIER.elite}`}
            </span>
          )}
        </h2>
        <Button
          className="primary"
          disabled={editing !== null || rules.length >= most}
          onClick={() => setEditing({ before: null, draft: newDraft(TIME_ZONE) })}
        >
          New rule
        </Button>
      </div>
      {error && (
        <p role="alert">
          The rules cannot be read: {error.message}.{' '}
          <TextButton onClick={() => void refetch()}>Try again</TextButton>
        </p>
      )}
      {editing && (
        <RuleEditor
          key={editing.before?.id ?? 'new'}
          before={editing.before}
          draft={editing.draft}
          look={look}
          onClose={() => setEditing(null)}
        />
      )}
      {data && rules.length === 0 && !editing && (
        <p className="muted">
          No rules yet. A rule watches every symbol, or some, and fires when open interest moves as you
          describe. You see how often it would have fired before you save it.
        </p>
      )}
      <ul className="rule-list">
        {rules.map((it) => (
          <RuleItem
            key={it.id}
            rule={it}
            zone={look.zone}
            onEdit={() => setEditing({ before: it, draft: draftOf(it.rule, TIME_ZONE) })}
          />
        ))}
      </ul>
    </section>
  );
}

function RuleItem(props: { rule: AlertRule; zone: ClockZone; onEdit: () => void }) {
  const { rule: stored, zone, onEdit } = props;
  const { rule, lastFiredAt, watchlist } = stored;
  const watches = watchlistOf(rule) === null || (watchlist !== null && watchlist.symbols.length > 0);
  const [asked, setAsked] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);

  function run(work: Promise<unknown>): void {
    setFailed(null);
    work.catch((thrown: unknown) => setFailed(thrown instanceof Error ? thrown.message : String(thrown)));
  }

  return (
    <li className={rule.enabled ? '' : 'is-off'} data-rule={stored.id}>
      <div className="rule-words">
        <h3>{rule.name}</h3>
        <p>{describeRule(rule, watchlist)}</p>
        <p className="muted">{describePace(rule)}</p>
        <p className="muted">
          {rule.enabled
            ? lastFiredAt === null
              ? 'has not fired yet'
              : `last fired ${formatMoment(lastFiredAt, zone)}`
            : 'off'}
        </p>
        {rule.enabled && !watches && (
          <p className="channel-fault">
            {watchlist === null
              ? 'It cannot fire: its watchlist was deleted. Edit the rule and choose its symbols.'
              : 'It cannot fire: its watchlist is empty.'}
          </p>
        )}
        {failed !== null && <p role="alert">{failed}.</p>}
      </div>
      <div className="rule-tools">
        <Switch
          name={rule.name}
          on={rule.enabled}
          onChange={(enabled) => run(saveRule(stored, { ...rule, enabled }))}
        />
        <Button aria-label={`Edit ${rule.name}`} onClick={onEdit}>
          Edit
        </Button>
        <Button
          aria-label={asked ? `Delete ${rule.name} now` : `Delete ${rule.name}`}
          onBlur={() => setAsked(false)}
          onClick={() => (asked ? run(deleteRule(stored.id)) : setAsked(true))}
        >
          {asked ? 'Delete now?' : 'Delete'}
        </Button>
      </div>
    </li>
  );
}
