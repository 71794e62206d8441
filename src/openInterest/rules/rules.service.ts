import type { Viewer } from '../../access/access.types.ts';
import { AppError, ForbiddenError, invalidBody, NotFoundError } from '../../kit/errors.ts';
import { readIfMatch } from '../../platform/http/entityTag.ts';
import type { Queryable } from '../../platform/database/postgres.ts';
import { SYMBOL_WORDS, normaliseSymbol } from '../ingest/parse.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import { selectWatchlists } from '../views/watchlists.repository.ts';
import {
  deleteRule,
  insertRule,
  lockRuleCount,
  selectOptionalRule,
  updateOptionalRule,
} from './rules.repository.ts';
import {
  RULES_BY_TIER,
  ruleLimitOf,
  withWatched,
  type AlertRule,
  type AlertRuleInput,
} from './rules.types.ts';

type Ctx = Pick<OpenInterestContext, 'stores'>;

/** Throws 403 for users whose tier has no rules; answers how many it has. */
export function requireRules(user: Viewer): number {
  const limit = ruleLimitOf(user);
  if (limit > 0) return limit;
  throw new ForbiddenError(
    `Tier free has no alert rules; upgrade to Pro (${RULES_BY_TIER.pro} rules) or Elite (${RULES_BY_TIER.elite} rules)`,
    { code: 'tier_without_rules' },
  );
}

/** Stores a new rule. Throws 403 when the user has as many as the tier allows. */
export async function createRule({ stores }: Ctx, user: Viewer, input: AlertRuleInput): Promise<AlertRule> {
  const limit = requireRules(user);
  const rule = withSymbols(input);
  return stores.write.transaction(async (db) => {
    if (rule.enabled) await readPlainRule(db, user.sub, rule);
    const count = await lockRuleCount(db, user.sub);
    if (count < limit) return insertRule(db, user.sub, rule);
    throw new ForbiddenError(
      `Tier ${user.tier} has ${limit} alert rules and you have ${count}; delete one${user.tier === 'pro' ? `, or upgrade to Elite (${RULES_BY_TIER.elite} rules)` : ''}`,
      { code: 'rule_limit' },
    );
  });
}

/** Replaces a rule if it still has the version of `ifMatch`. Throws 404, 412 or 428. */
export async function replaceRule(
  { stores }: Ctx,
  user: Viewer,
  change: { id: string; ifMatch: string | undefined; input: AlertRuleInput },
): Promise<AlertRule> {
  requireRules(user);
  const version = readIfMatch(change.ifMatch, 'the rule');
  const rule = withSymbols(change.input);
  const { id } = change;
  return stores.write.transaction(async (db) => {
    if (rule.enabled) await readPlainRule(db, user.sub, rule);
    const replaced = await updateOptionalRule(db, user.sub, { id, version, rule });
    if (replaced) return replaced;
    const held = await selectOptionalRule(db, user.sub, id);
    if (held === null) throw noSuchRule(id);
    throw new AppError(
      412,
      'rule_changed',
      `The rule has version ${held.version}, your If-Match names ${version}: it was changed since you read it; read it again and repeat your change`,
    );
  });
}

export async function readRule({ stores }: Ctx, user: Viewer, id: string): Promise<AlertRule> {
  const rule = await selectOptionalRule(stores.read, user.sub, id);
  if (rule === null) throw noSuchRule(id);
  return rule;
}

export async function removeRule({ stores }: Ctx, user: Viewer, id: string): Promise<void> {
  if (!(await deleteRule(stores.write, user.sub, id))) throw noSuchRule(id);
}

export function tagOfRule({ version }: AlertRule): string {
  return `"${version}"`;
}

/** The rule with the symbols that its watchlist has now. Throws 400 when the user has no such list. */
export async function readPlainRule<Rule extends Pick<AlertRuleInput, 'symbols'>>(
  db: Queryable,
  userId: string,
  input: Rule,
) {
  const rule = withSymbols(input);
  if (rule.symbols === 'all' || Array.isArray(rule.symbols)) return withWatched(rule, []);
  const { watchlist } = rule.symbols;
  const { lists } = await selectWatchlists(db, userId);
  const named = lists.find((it) => it.id === watchlist);
  if (named) return withWatched(rule, named.symbols);
  const message = `you have no watchlist ${watchlist}; GET /api/watchlists lists yours`;
  throw invalidBody([{ path: 'symbols.watchlist', message }]);
}

/** The rule with its symbols as ingest stores them, each once. */
export function withSymbols<Rule extends Pick<AlertRuleInput, 'symbols'>>(rule: Rule): Rule {
  if (!Array.isArray(rule.symbols)) return rule;
  const symbols = rule.symbols.map((raw, i) => {
    const symbol = normaliseSymbol(raw);
    if (symbol !== null) return symbol;
    throw invalidBody([{ path: `symbols[${i}]`, message: SYMBOL_WORDS }]);
  });
  return { ...rule, symbols: [...new Set(symbols)] };
}

function noSuchRule(id: string): NotFoundError {
  return new NotFoundError(`You have no alert rule ${id}; GET /api/alert-rules lists yours`);
}
