import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { RULES_BY_TIER, type AlertRule } from '../../openInterest/rules/rules.types.ts';
import { Button } from '../shell/Button.tsx';
import type { Settings } from '../shell/settings.ts';
import { BuiltInRow } from './BuiltInRow.tsx';
import { ReadState } from './ReadState.tsx';
import { draftFromAddress, draftOf, newDraft, TIME_ZONE, type RuleDraft } from './ruleDraft.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { RuleItem } from './RuleItem.tsx';
import { describeRule, restingOf } from './ruleWords.ts';
import { rulesQuery } from './rulesApi.ts';
import { useFocusAfter } from './useFocusAfter.ts';
import { withEdited } from './withEdited.ts';

/** With more rules there is a field that finds one. */
const MANY = 10;

type Editing = { before: AlertRule | null; draft: RuleDraft };

/** The user's rules, `most` of them; one of them, or a new one, may be open in the editor. */
export function RulesPanel({ most, look }: { most: number; look: Settings }) {
  const query = useQuery(rulesQuery);
  const { data } = query;
  const [editing, setEditing] = useState<Editing | null>(() => {
    const draft = draftFromAddress(window.location.search, TIME_ZONE);
    return draft && { before: null, draft };
  });
  const [wanted, setWanted] = useState('');
  const place = useRef<HTMLElement>(null);
  const focusAfter = useFocusAfter(place, editing);
  const rules = data?.rules ?? [];
  const resting = restingOf(rules, most);
  const shown = rulesToShow(rules, wanted, editing?.before ?? null);

  function close(saved: AlertRule | null): void {
    const id = saved?.id ?? editing?.before?.id;
    focusAfter(id === undefined ? '[data-new]' : `[data-rule="${id}"] [data-edit]`);
    setEditing(null);
    // The rule of the link is done with: a reload does not open it again.
    if (window.location.search !== '') window.history.replaceState(null, '', window.location.pathname);
  }
  const editor = editing && <RuleEditor {...editing} look={look} onClose={close} />;

  return (
    <section ref={place} className="panel" aria-labelledby="rules-title">
      <div className="panel-head">
        <Title count={data && rules.length} most={most} />
        {rules.length > MANY && <FindField wanted={wanted} onChange={setWanted} />}
        <Button
          data-new
          className="primary"
          disabled={editing !== null || rules.length >= most}
          onClick={() => setEditing({ before: null, draft: newDraft(TIME_ZONE) })}
        >
          New rule
        </Button>
      </div>
      <BuiltInRow zone={look.zone} />
      <ReadState name="Rules" zone={look.zone} query={query} />
      {editing?.before === null && editor}
      {data && rules.length === 0 && !editing && <NoRules />}
      {shown.length === 0 && wanted !== '' && <p className="muted">No rule contains “{wanted}”.</p>}
      <ul className="rule-list">
        {shown.map((it) =>
          it.id === editing?.before?.id ? (
            <li key={it.id}>{editor}</li>
          ) : (
            <RuleItem
              key={it.id}
              rule={it}
              rests={resting.has(it.id)}
              now={query.dataUpdatedAt}
              zone={look.zone}
              onEdit={editing ? null : () => setEditing({ before: it, draft: draftOf(it.rule, TIME_ZONE) })}
              onDeleted={() => place.current?.querySelector('h2')?.focus()}
            />
          ),
        )}
      </ul>
    </section>
  );
}

/** It takes the focus when the rule that had it is deleted. */
function Title({ count, most }: { count: number | undefined; most: number }) {
  return (
    <h2 id="rules-title" tabIndex={-1}>
      Rules{' '}
      {count !== undefined && (
        <span className="muted">
          {`${count} of ${most}`}
          {most === RULES_BY_TIER.pro && `; Elite has ${RULES_BY_TIER.elite}`}
        </span>
      )}
    </h2>
  );
}

function FindField({ wanted, onChange }: { wanted: string; onChange: (text: string) => void }) {
  return (
    <input
      type="search"
      className="rule-find"
      aria-label="Find a rule"
      placeholder="Find a rule"
      value={wanted}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function NoRules() {
  return (
    <p className="muted">
      No rules of your own yet. A rule watches every symbol, or some, and fires when open interest moves as
      you describe. You see how often it would have fired before you save it.
    </p>
  );
}

/** The rules whose name or sentence contains the text, and the one in the editor. */
function rulesToShow(rules: readonly AlertRule[], wanted: string, edited: AlertRule | null): AlertRule[] {
  const text = wanted.trim().toLowerCase();
  return withEdited(rules, edited).filter(
    (it) =>
      it.id === edited?.id ||
      `${it.rule.name} ${describeRule(it.rule, it.watchlist)}`.toLowerCase().includes(text),
  );
}
