import { formatAmount, readAmount } from '../board/amount.ts';
import { QUADRANTS } from '../../openInterest/board/quadrant.shared.ts';
import { WINDOWS } from '../../openInterest/board/windows.shared.ts';
import type { BuiltInRule } from '../../openInterest/rules/builtInRule.types.ts';
import type { AlertRuleInput } from '../../openInterest/rules/rules.types.ts';

/** Which symbols, when and where to: what the built-in rule has, too. */
type Routing = BuiltInRule['rule'];

export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A rule as its form has it: every number is the text that was typed, an empty one is no condition. */
export type RuleDraft = ReturnType<typeof newDraft>;

export function newDraft(timeZone: string) {
  return {
    name: '',
    enabled: true,
    /** The id of a watchlist; empty: `symbols`. */
    watchlist: '',
    /** Separated by blanks or commas; empty: all. */
    symbols: '',
    window: '15m' as AlertRuleInput['window'],
    direction: 'both' as AlertRuleInput['direction'],
    thresholdPct: '5',
    leastUsd: '1M',
    price: 'any' as 'any' | NonNullable<AlertRuleInput['price']>['kind'],
    pricePct: '0.5',
    /** Percent per funding interval. */
    fundingMin: '',
    fundingMax: '',
    leastVolume24h: '',
    readings: [] as NonNullable<AlertRuleInput['readings']>,
    /** Usual deviations. */
    leastUnusual: '',
    cooldownMin: '30',
    rearmPct: '50',
    escalationPct: '',
    quiet: false,
    quietFrom: '22:00',
    quietTo: '07:00',
    timeZone,
    channelIds: [] as string[],
  };
}

export function draftOf(rule: AlertRuleInput, timeZone: string): RuleDraft {
  const { price, funding } = rule;
  return {
    ...draftOfRouting(rule, timeZone),
    name: rule.name,
    window: rule.window,
    thresholdPct: String(rule.thresholdPct),
    leastUsd: rule.leastUsd === 0 ? '' : formatAmount(rule.leastUsd),
    ...(price && {
      price: price.kind,
      pricePct: String(price.kind === 'flat' ? price.withinPct : price.pct),
    }),
    fundingMin: percentText(funding?.min),
    fundingMax: percentText(funding?.max),
    leastVolume24h: formatAmount(rule.leastVolume24h),
    readings: rule.readings ?? [],
    leastUnusual: rule.leastUnusual === null ? '' : String(rule.leastUnusual),
    cooldownMin: String(rule.cooldownMin),
    rearmPct: String(Number((rule.rearmShare * 100).toFixed(4))),
    escalationPct: rule.escalationPct === null ? '' : String(rule.escalationPct),
  };
}

/** The draft of a rule without the rest; the rest is that of a new rule. */
export function draftOfRouting(rule: Routing, timeZone: string): RuleDraft {
  const { quietHours } = rule;
  return {
    ...newDraft(timeZone),
    enabled: rule.enabled,
    watchlist: watchlistOf(rule) ?? '',
    symbols: Array.isArray(rule.symbols) ? rule.symbols.join(' ') : '',
    direction: rule.direction,
    ...(quietHours && {
      quiet: true,
      quietFrom: quietHours.from,
      quietTo: quietHours.to,
      timeZone: quietHours.timeZone,
    }),
    channelIds: rule.channelIds,
  };
}

/** The id of the watchlist that a rule names. */
export function watchlistOf({ symbols }: Pick<AlertRuleInput, 'symbols'>): string | null {
  return symbols === 'all' || Array.isArray(symbols) ? null : symbols.watchlist;
}

/** What is sent to the server, which judges it. A number that cannot be read is sent as it was typed, to be refused by name. */
export function inputOf(draft: RuleDraft): Record<string, unknown> {
  const min = share(draft.fundingMin);
  const max = share(draft.fundingMax);
  return {
    name: draft.name.trim() || nameOf(draft),
    ...routingOf(draft),
    window: draft.window,
    thresholdPct: number(draft.thresholdPct),
    leastUsd: amount(draft.leastUsd) ?? 0,
    price: priceOf(draft),
    funding: min === null && max === null ? null : { min, max },
    leastVolume24h: amount(draft.leastVolume24h),
    readings: draft.readings.length === 0 ? null : draft.readings,
    leastUnusual: number(draft.leastUnusual),
    cooldownMin: number(draft.cooldownMin),
    rearmShare: share(draft.rearmPct),
    escalationPct: number(draft.escalationPct),
  };
}

export function routingOf(draft: RuleDraft): Routing {
  const { enabled, watchlist, direction, quiet, channelIds } = draft;
  const symbols = symbolsOf(draft);
  return {
    enabled,
    symbols: watchlist ? { watchlist } : symbols.length === 0 ? 'all' : symbols,
    direction,
    quietHours: quiet ? { from: draft.quietFrom, to: draft.quietTo, timeZone: draft.timeZone } : null,
    channelIds,
  };
}

/** The name of a rule that is given none: `OI ±5% in 15m`, `BTCUSDT and 2 more OI +3% in 1h`. */
export function nameOf(draft: RuleDraft): string {
  const [first = '', ...others] = draft.watchlist === '' ? symbolsOf(draft) : [];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const sign = { up: '+', down: '−', both: '±' }[draft.direction];
  return `${`${first}${more} OI`.trim()} ${sign}${draft.thresholdPct.trim()}% in ${draft.window}`.slice(
    0,
    80,
  );
}

function symbolsOf({ symbols }: RuleDraft): string[] {
  return symbols.split(/[\s,;]+/).filter((it) => it !== '');
}

/** USD as people type it: `50M`, `1.5b`, `$2,000,000`. `null`: empty; the text itself where it is no amount. */
export function amount(text: string): number | string | null {
  return text.trim() === '' ? null : (readAmount(text) ?? text);
}

function number(text: string): number | string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : text;
}

/** Percent as a fraction. */
function share(text: string): number | string | null {
  const percent = number(text);
  return typeof percent === 'number' ? Number((percent / 100).toPrecision(12)) : percent;
}

function percentText(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? '' : String(Number((rate * 100).toPrecision(12)));
}

function priceOf({ price, pricePct }: RuleDraft): Record<string, unknown> | null {
  if (price === 'any') return null;
  const value = number(pricePct);
  return price === 'flat' ? { kind: price, withinPct: value } : { kind: price, pct: value };
}

/** What a link to the page may set: `/alerts?new=1&symbols=BTCUSDT&window=1h&direction=up&pct=3&usd=50M&readings=building&unusual=3`. */
export function draftFromAddress(search: string, timeZone: string): RuleDraft | null {
  const query = new URLSearchParams(search);
  if (!query.has('new')) return null;
  const draft = newDraft(timeZone);
  const window = query.get('window');
  const direction = query.get('direction');
  const readings = (query.get('readings') ?? '').split(',');
  const unusual = query.get('unusual') ?? '';
  return {
    ...draft,
    name: query.get('name') ?? '',
    watchlist: query.get('list') ?? '',
    symbols: query.get('symbols') ?? '',
    window: WINDOWS.find((it) => it === window) ?? draft.window,
    direction: DIRECTIONS.find((it) => it === direction) ?? draft.direction,
    thresholdPct: query.get('pct') ?? (unusual === '' ? draft.thresholdPct : LEAST_UNUSUAL_PCT),
    leastUsd: query.get('usd') ?? draft.leastUsd,
    leastVolume24h: query.get('vol') ?? draft.leastVolume24h,
    readings: QUADRANTS.filter((it) => readings.includes(it)),
    leastUnusual: unusual,
  };
}

/** A smaller change of an hour is no three usual deviations of any symbol. */
const LEAST_UNUSUAL_PCT = '0.2';
const DIRECTIONS = ['up', 'down', 'both'] as const;
