import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SECOND_MS } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import { formatCount } from '../../kit/format.shared.ts';
import type { Releasers } from '../../kit/lifecycle.ts';
import { every } from '../../kit/loop.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { selectHeldRules, selectHeldStates, selectRulesRevision } from './evaluation.repository.ts';
import { createFiringLimit, MOST_FIRINGS_AN_HOUR, type FiringLimit } from './firingLimit.ts';
import { judgeItems, readMethodChanges, type Evaluating } from './judgeItems.ts';
import { releaseLease, takeLease, type EvaluatorReport } from './lease.repository.ts';
import { pushFirings } from './pushFirings.ts';
import { createRuleBook } from './ruleBook.ts';
import { switchOffRules } from './rules.repository.ts';
import { storeVerdicts } from './storeVerdicts.ts';

/** With a lease of 10 s another node evaluates within 13 s. */
const LEASE_EVERY_MS = 3 * SECOND_MS;

/** Their states are read at once: some milliseconds of the event loop. */
const RULES_AT_ONCE = 10;

type Evaluation = {
  readonly ctx: OpenInterestContext;
  /** Names this node in the lease. */
  readonly node: string;
  /** `null`: another node evaluates, or the rules have to be read again. */
  evaluating: Evaluating | null;
  /** Runs and readings of the rules follow each other. */
  turn: Promise<void>;
  isRunQueued: boolean;
  /** The end of the last run that succeeded, epoch ms. */
  evaluatedAt: number | null;
  readonly limit: FiringLimit;
  /** Since then each run has failed. */
  failure: { since: number; error: string } | null;
};

/**
 * Evaluates the rules on one node of all: the one whose lease is in the database. What a rule remembers is stored with its
 * firings; after a failure the rules and states are read again and the rows of that run are evaluated again, so nothing is
 * repeated or forgotten.
 */
export function createRuleEvaluation(ctx: OpenInterestContext) {
  const it: Evaluation = {
    ctx,
    node: `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`,
    evaluating: null,
    turn: Promise.resolve(),
    isRunQueued: false,
    evaluatedAt: null,
    limit: createFiringLimit(ctx.clock),
    failure: null,
  };
  return {
    start(releasers: Releasers): void {
      releasers.push('rule evaluation', () => leave(it));
      every({ ...ctx, releasers }, 'rule lease', LEASE_EVERY_MS, () => inTurn(it, () => renew(it)), {
        immediately: true,
      });
    },
  };
}

function inTurn(it: Evaluation, task: () => Promise<void>): Promise<void> {
  it.turn = it.turn.then(task).catch((thrown: unknown) => {
    it.ctx.logger.warn({ err: coerceError(thrown) }, 'alert rules not evaluated, retrying');
    it.failure = { since: it.failure?.since ?? it.ctx.clock.now(), error: describeError(thrown) };
    resign(it);
  });
  return it.turn;
}

function resign(it: Evaluation): void {
  it.evaluating = null;
  it.ctx.metrics.rules.held.set(0);
}

async function leave(it: Evaluation): Promise<void> {
  it.ctx.ruleFeed.close();
  await it.turn;
  if (it.evaluating) await releaseLease(it.ctx.stores.upkeep, it.node);
}

async function renew(it: Evaluation): Promise<void> {
  const { stores, ruleFeed, logger } = it.ctx;
  const lease = await takeLease(stores.upkeep, reportOf(it));
  if (lease === null) {
    if (it.evaluating) logger.info({ node: it.node }, 'another node evaluates the alert rules');
    resign(it);
    it.failure = null;
    ruleFeed.close();
    return;
  }
  // A node that was paused may find its lease expired, and that another one has evaluated and gone meanwhile.
  if (lease === 'taken') resign(it);
  const revision = await selectRulesRevision(stores.upkeep);
  if (it.evaluating?.revision !== revision) await load(it, revision);
  if (it.evaluating) await readMethodChanges(it.ctx, it.evaluating);
  ruleFeed.open(() => runSoon(it));
  if (ruleFeed.waiting() > 0) runSoon(it);
  else it.failure = null;
}

function reportOf({ ctx, node, evaluatedAt, failure }: Evaluation): EvaluatorReport {
  const now = ctx.clock.now();
  const { rows, lastAt } = ctx.ruleFeed.leftOut();
  return {
    node,
    evaluatedAgo: evaluatedAt && now - evaluatedAt,
    failure: failure && { sinceAgo: now - failure.since, error: failure.error },
    leftOut: { rows, lastAgo: lastAt && now - lastAt },
  };
}

async function load(it: Evaluation, revision: string): Promise<void> {
  const { stores, metrics, logger } = it.ctx;
  const { rules, unreadable } = await selectHeldRules(stores.upkeep);
  if (unreadable.length > 0) logger.warn({ unreadable }, 'alert rules that this version cannot read rest');
  const book = it.evaluating?.book ?? createRuleBook();
  const changed = book.replace(rules);
  for (let from = 0; from < changed.length; from += RULES_AT_ONCE) {
    book.remember(await selectHeldStates(stores.upkeep, changed.slice(from, from + RULES_AT_ONCE)));
  }
  it.evaluating = { revision, book, blockedSince: null, validFrom: 0 };
  metrics.rules.held.set(book.size());
  logger.debug({ node: it.node, rules: book.size(), changed: changed.length }, 'alert rules read');
}

function runSoon(it: Evaluation): void {
  if (it.isRunQueued) return;
  it.isRunQueued = true;
  void inTurn(it, async () => {
    it.isRunQueued = false;
    if (it.evaluating) await run(it, it.evaluating);
  });
}

async function run(it: Evaluation, evaluating: Evaluating): Promise<void> {
  const { ctx, node } = it;
  const items = ctx.ruleFeed.drain();
  try {
    const verdicts = await judgeItems(ctx, evaluating, items);
    const tooOften: string[] = [];
    await storeVerdicts(ctx.stores.write, node, verdicts, (firings) => {
      pushFirings(ctx, firings);
      tooOften.push(...it.limit.count(firings));
    });
    await switchOff(ctx, tooOften);
    it.evaluatedAt = ctx.clock.now();
    it.failure = null;
  } catch (thrown) {
    ctx.ruleFeed.putBack(items);
    throw thrown;
  }
}

/** Of the version that fired nothing more is stored. */
async function switchOff({ stores, logger }: OpenInterestContext, rules: readonly string[]): Promise<void> {
  if (rules.length === 0) return;
  const reason = `it fired more than ${formatCount(MOST_FIRINGS_AN_HOUR)} times within an hour`;
  await switchOffRules(stores.write, rules, reason);
  logger.warn({ rules, reason }, 'alert rules switched off');
}
