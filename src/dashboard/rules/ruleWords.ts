import type { Channel, Delivery } from '../../openInterest/delivery/channel.types.ts';
import { formatCountOf, formatFraction, formatFunding, formatPlain } from '../../kit/format.shared.ts';
import type { AlertFiring } from '../../openInterest/rules/alertFiring.types.ts';
import { BUILT_IN, type BuiltInRule } from '../../openInterest/rules/builtInRule.types.ts';
import type { AlertRule, AlertRuleInput } from '../../openInterest/rules/rules.types.ts';
import { QUADRANT_LABELS } from '../board/quadrant.ts';
import { formatAmount } from '../board/amount.ts';

/** `Open interest rises 5% or more, by at least $1M, within 15 min, on any symbol; price within ±0.5%.` */
export function describeRule(rule: AlertRuleInput, watchlist: AlertRule['watchlist'] = null): string {
  const verb = { up: 'rises', down: 'falls', both: 'rises or falls' }[rule.direction];
  const least = rule.leastUsd > 0 ? `, by at least ${usd(rule.leastUsd)}` : '';
  const parts = [
    `Open interest ${verb} ${percent(rule.thresholdPct)} or more${least}, within ${describeWindow(rule.window)}, on ${describeSymbols(rule.symbols, watchlist)}`,
    ...conditionsOf(rule),
  ];
  return `${parts.join('; ')}.`;
}

/** `at most every 30 min per symbol · armed again below 50% of the threshold` */
export function describePace({ cooldownMin, rearmShare, escalationPct, quietHours }: AlertRuleInput): string {
  const parts = [
    cooldownMin === 0 ? 'no cooldown' : `at most every ${describeMinutes(cooldownMin)} per symbol`,
    `armed again below ${percent(rearmShare * 100)} of the threshold`,
  ];
  if (escalationPct !== null) parts.push(`once more if ${percent(escalationPct)} larger`);
  if (quietHours) parts.push(describeQuietHours(quietHours));
  return parts.join(' · ');
}

/** `sends to Phone, Desk (off)` */
export function describeReceivers(ids: readonly string[], channels: readonly Channel[]): string {
  const names = namesOf(channels.filter(({ id }) => ids.includes(id)));
  return names === '' ? 'listed here only' : `sends to ${names}`;
}

function namesOf(channels: readonly Channel[]): string {
  return channels.map(({ name, on }) => (on ? name : `${name} (off)`)).join(', ');
}

/** `Sends the collector’s spike and dump alerts of all symbols, up and down, to 2 channels.` */
export function describeBuiltIn(
  { symbols, direction }: BuiltInRule['rule'],
  watchlist: AlertRule['watchlist'] | undefined,
  channels: number,
): string {
  const which = { up: 'spike', down: 'dump', both: 'spike and dump' }[direction];
  const ways = { up: 'up only', down: 'down only', both: 'up and down' }[direction];
  const of = symbols === 'all' ? 'all symbols' : describeSymbols(symbols, watchlist);
  const to = channels === 0 ? 'no channel yet' : formatCountOf(channels, 'channel');
  return `Sends the collector’s ${which} alerts of ${of}, ${ways}, to ${to}.`;
}

/** `off · Phone, Desk (off) · held 22:00–07:00 Europe/Berlin`. `channels`: those of the rule. */
export function describeBuiltInState(
  { enabled, quietHours }: BuiltInRule['rule'],
  channels: readonly Channel[],
): string {
  return [enabled ? '' : 'off', namesOf(channels), quietHours ? describeQuietHours(quietHours) : '']
    .filter((it) => it !== '')
    .join(' · ');
}

/** The ids of the rules that do not fire although they are on: `most` are evaluated, the oldest. `rules`: oldest first. */
export function restingOf(
  rules: readonly Pick<AlertRule, 'id' | 'rule'>[],
  most: number,
): ReadonlySet<string> {
  return new Set(
    rules
      .filter((it) => it.rule.enabled)
      .slice(most)
      .map((it) => it.id),
  );
}

/** `5 min` for `5m`. A timeframe of the collector that is no window stays as it is. */
export function describeWindow(window: string): string {
  return window.replace(/^(\d+)([mh])$/, (_, count, unit) => `${count} ${unit === 'm' ? 'min' : 'h'}`);
}

/** `after 5 min OI +1.20%, price −0.30%; after 15 min …` */
export function describeAfter(after: AlertFiring['after']): string {
  return after
    .map(
      ({ minutes, oiChange, priceChange }) =>
        `after ${minutes} min OI ${formatFraction(oiChange)}, price ${formatFraction(priceChange)}`,
    )
    .join('; ');
}

function describeQuietHours({ from, to, timeZone }: NonNullable<AlertRuleInput['quietHours']>): string {
  return `held ${from}–${to} ${timeZone}`;
}

function describeSymbols(
  symbols: AlertRuleInput['symbols'],
  watchlist: AlertRule['watchlist'] | undefined,
): string {
  if (symbols === 'all') return 'any symbol';
  if (!Array.isArray(symbols)) {
    if (watchlist === undefined) return 'a watchlist';
    return watchlist === null
      ? 'a watchlist that was deleted'
      : `the watchlist ${watchlist.name} (${watchlist.symbols.length} symbols now)`;
  }
  return symbols.length <= 3 ? symbols.join(', ') : `${symbols.length} symbols`;
}

function conditionsOf({ price, funding, leastVolume24h, readings, leastUnusual }: AlertRuleInput): string[] {
  const conditions: string[] = [];
  if (price?.kind === 'flat') conditions.push(`price within ±${percent(price.withinPct)}`);
  if (price?.kind === 'atLeast') conditions.push(`price change at least ${signedPercent(price.pct)}`);
  if (price?.kind === 'atMost') conditions.push(`price change at most ${signedPercent(price.pct)}`);
  if (funding) conditions.push(describeFundingRange(funding));
  if (leastVolume24h !== null) conditions.push(`24 h volume at least ${usd(leastVolume24h)}`);
  if (readings) conditions.push(`reading ${readings.map((it) => QUADRANT_LABELS[it]).join(' or ')}`);
  if (leastUnusual !== null) {
    conditions.push(`at least ${formatPlain(leastUnusual)} usual deviations of the symbol’s last 7 days`);
  }
  return conditions;
}

function describeFundingRange({ min, max }: NonNullable<AlertRuleInput['funding']>): string {
  if (min === null) return `funding at most ${formatFunding(max)}`;
  return max === null
    ? `funding at least ${formatFunding(min)}`
    : `funding between ${formatFunding(min)} and ${formatFunding(max)}`;
}

/** As many digits as were set: `3%`, `0.25%`. */
function percent(pct: number): string {
  return `${formatPlain(Number(pct.toPrecision(12)))}%`;
}

function signedPercent(pct: number): string {
  return `${pct < 0 ? '−' : '+'}${percent(Math.abs(pct))}`;
}

/** `$1.5M` */
function usd(amount: number): string {
  return `$${formatAmount(amount)}`;
}

function describeMinutes(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** The name of the rule; with the timeframe, `Spikes and dumps in 5 min`, if the rule has none of its own. */
export function describeSource({ ruleId, ruleName, window }: Delivery['firing']): string {
  return ruleId === BUILT_IN.ruleId ? `${ruleName} in ${describeWindow(window)}` : ruleName;
}

/** `delivered (200)`, `waiting after 3 attempts: 503` */
export function describeDelivery(delivery: Delivery): string {
  const { status, attempts, responseStatus, error } = delivery;
  if (status === 'delivered') return `delivered${responseStatus === null ? '' : ` (${responseStatus})`}`;
  const tried = attempts === 0 ? '' : ` after ${formatCountOf(attempts, 'attempt')}`;
  const why = error ?? (responseStatus === null ? null : String(responseStatus));
  return `${status}${tried}${why === null ? '' : `: ${why}`}`;
}
