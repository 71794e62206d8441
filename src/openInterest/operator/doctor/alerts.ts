import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount, formatLine, formatMoment } from '../../../kit/format.shared.ts';
import type { FailingKind } from '../../delivery/health.repository.ts';
import type { AlertFacts } from './alertFacts.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

/** A lease ends after 10 s and is taken over within 3 s. */
const TAKEN_OVER_MS = 15 * SECOND_MS;
/** A failed run is repeated within 3 s. */
const RETRIED_MS = 10 * SECOND_MS;
/** Rows that were left out are shown for as long. */
const SHOWN_MS = HOUR_MS;
/** Sixteen receivers at once, each up to 5 s: many that hang delay the others. */
const UNSENT_MS = 5 * MINUTE_MS;
/** A receiver that restarts is no fault of this server. */
const FAILING_MS = 5 * MINUTE_MS;

type Fault = { finding: string; next: string; state?: 'WAITING' };

/** Whether alert rules fire and their alerts are sent. Samples flow all the same. */
export function judgeAlerts(facts: DoctorFacts): Verdict {
  const { alerts } = facts;
  if (typeof alerts === 'string') {
    const finding = `cannot be read (${formatLine(alerts, 120)})`;
    return { finding, state: 'DEGRADED', next: 'see database', minor: true };
  }
  const summary = [describeEvaluation(alerts), describeOutbox(alerts), ...describeFailing(alerts)].join('; ');
  const fault = findMethodChange(facts, alerts) ?? findIdleRules(facts, alerts) ?? findUnsent(alerts);
  if (fault === null) return { finding: summary, state: 'ok' };
  const { finding, next, state = 'DEGRADED' } = fault;
  return { finding: `${finding}; ${summary}`, brief: finding, state, next, minor: true };
}

function describeEvaluation({ evaluator }: AlertFacts): string {
  const { enabled, total, node, evaluatedAgo } = evaluator;
  const rules = `${formatCount(enabled)} of ${formatCount(total)} rules enabled`;
  if (node === null) return rules;
  const last = evaluatedAgo === null ? 'no window yet' : `last window ${formatAge(evaluatedAgo)} ago`;
  return `${rules}, evaluated by ${formatLine(node, 60)}, ${last}`;
}

function describeOutbox({ outbox }: AlertFacts): string {
  const { waiting, oldestWaitingMs } = outbox;
  const oldest = oldestWaitingMs === null ? '' : `, the oldest for ${formatAge(oldestWaitingMs)}`;
  return `${formatCount(waiting)} deliveries wait${oldest}`;
}

function describeFailing({ failingKinds }: AlertFacts): string[] {
  return failingKinds.map(
    ({ kind, failing, channels, failingAgo, lastError }) =>
      `${formatCount(failing)} of ${formatCount(channels)} ${kind} channels fail, longest for ${formatAge(failingAgo)}: ${formatLine(lastError, 80)}`,
  );
}

function findMethodChange({ baseUrl, now }: DoctorFacts, { methodChange }: AlertFacts): Fault | null {
  if (methodChange === null) return null;
  const { factor, symbols, ofSymbols, detectedAt } = methodChange;
  return {
    finding: `the source changed its unit or method: ${symbols} of ${ofSymbols} symbols moved by the factor ${factor} ${formatMoment(detectedAt, now)}; no alert rule fires`,
    next: `curl -sS -X POST -H "X-API-Key: $OPERATOR_KEY" '${baseUrl}/api/alert-rules/method-changes/confirm'`,
  };
}

function findIdleRules({ now, startedAt }: DoctorFacts, { evaluator }: AlertFacts): Fault | null {
  const { enabled, node, renewedAgo, failingAgo, lastError, leftOut, leftOutAgo } = evaluator;
  if (enabled === 0) return null;
  if (node === null || (renewedAgo ?? Infinity) > TAKEN_OVER_MS) {
    const since = renewedAgo === null ? '' : `, the last one stopped ${formatAge(renewedAgo)} ago`;
    return {
      finding: `no node evaluates alert rules${since}`,
      next: 'start a node; the log of those that run says "background task failed" or "alert rules not evaluated"',
      ...(now - startedAt < TAKEN_OVER_MS ? { state: 'WAITING' } : {}),
    };
  }
  if (failingAgo !== null && failingAgo > RETRIED_MS) {
    return {
      finding: `evaluation has failed for ${formatAge(failingAgo)}: ${formatLine(lastError ?? '', 120)}`,
      next: `read the log of ${node} for "alert rules not evaluated"; its rows wait`,
    };
  }
  if (leftOutAgo !== null && leftOutAgo < SHOWN_MS) {
    return {
      finding: `${formatCount(leftOut)} rows were not evaluated because too many waited, the last ${formatAge(leftOutAgo)} ago`,
      next: 'the database was away for minutes, or oi_rules_busy_seconds_total shows too many rules for this node',
    };
  }
  return null;
}

/** Receivers belong to users, so one that fails is shown; a kind of which all fail is a fault of this server. */
function findUnsent({ unsentAgo, failingKinds }: AlertFacts): Fault | null {
  if (unsentAgo !== null && unsentAgo > UNSENT_MS) {
    return {
      finding: `deliveries have been due for ${formatAge(unsentAgo)} and no node sends them`,
      next: 'read the log of the nodes for "outbox unavailable"; restart one',
    };
  }
  const down = failingKinds.find(
    (it) => it.failing === it.channels && it.channels > 1 && it.failingAgo > FAILING_MS,
  );
  return down
    ? {
        finding: `no ${down.kind} channel works, since ${formatAge(down.failingAgo)}`,
        next: REMEDIES[down.kind],
      }
    : null;
}

const REMEDIES: Readonly<Record<FailingKind['kind'], string>> = {
  webhook:
    'check the outbound network of this server; ALERT_RECEIVERS_ALLOW_PRIVATE admits receivers in your network',
  telegram: 'check TELEGRAM_API_URL and the outbound network of this server',
  discord: 'check DISCORD_API_URL and the outbound network of this server',
  slack: 'check SLACK_API_URL and the outbound network of this server',
  webpush: 'check that VAPID_PUBLIC_KEY and VAPID_PRIVATE_KEY are those of the subscriptions',
};
