import { FIRST_STATE, evaluateRule, type Outcome, type RuleState } from './evaluateRule.ts';
import type { Reading, RuleWindow } from './reading.ts';
import type { PlainRule } from './rules.types.ts';

/** An enabled rule, as the evaluating node holds it. */
export type HeldRule = { id: string; userId: string; version: number; rule: PlainRule };

export type HeldState = { ruleId: string; symbol: string; state: RuleState };

export type Judgement = { held: HeldRule; reading: Reading; outcome: Outcome };

/** Rules of one window, the lowest threshold first. */
type WindowRules = { all: HeldRule[]; bySymbol: Map<string, HeldRule[]> };

/**
 * The enabled rules and what they remember. A reading meets only the rules that can change by it: those whose threshold it
 * reaches, and those that have fired or hold a crossing back.
 */
export function createRuleBook() {
  let byWindow = new Map<RuleWindow, WindowRules>();
  let byId = new Map<string, HeldRule>();
  const stateOf = new Map<string, Map<string, RuleState>>();
  /** By window and symbol: the rules whose state a small change can change. */
  const open = new Map<string, Set<HeldRule>>();

  function put(held: HeldRule, symbol: string, state: RuleState): void {
    let ofSymbol = stateOf.get(symbol);
    if (ofSymbol === undefined) stateOf.set(symbol, (ofSymbol = new Map()));
    ofSymbol.set(held.id, state);
    const key = `${held.rule.window} ${symbol}`;
    let opened = open.get(key);
    if (opened === undefined) open.set(key, (opened = new Set()));
    if (!state.armed || state.heldBack) opened.add(held);
    else opened.delete(held);
  }

  function forget(held: HeldRule): void {
    for (const ofSymbol of stateOf.values()) ofSymbol.delete(held.id);
    for (const opened of open.values()) opened.delete(held);
  }

  return {
    size: () => byId.size,
    windows: (): readonly RuleWindow[] => [...byWindow.keys()],
    /** Replaces the rules. Those of the same version keep what they remember; answers the ids of the others. */
    replace(rules: readonly HeldRule[]): string[] {
      const before = byId;
      const next = rules.map((it) => sameOrNew(before.get(it.id), it));
      byId = new Map(next.map((it) => [it.id, it]));
      byWindow = indexRules(next);
      for (const held of before.values()) if (byId.get(held.id) !== held) forget(held);
      return next.flatMap((it) => (before.get(it.id) === it ? [] : [it.id]));
    },
    /** Adds what rules remember. */
    remember(states: readonly HeldState[]): void {
      for (const { ruleId, symbol, state } of states) {
        const held = byId.get(ruleId);
        if (held) put(held, symbol, state);
      }
    },
    /** What a reading changes; the rules remember it. */
    judge(reading: Reading): Judgement[] {
      const { symbol, window } = reading;
      const judgements: Judgement[] = [];
      const size = Math.abs(reading.changePct);
      const ofSymbol = stateOf.get(symbol);
      const judgeOne = (held: HeldRule): void => {
        const outcome = evaluateRule(held.rule, ofSymbol?.get(held.id) ?? FIRST_STATE, reading);
        if (outcome) judgements.push({ held, reading, outcome });
      };
      const ofWindow = byWindow.get(window);
      for (const list of [ofWindow?.all, ofWindow?.bySymbol.get(symbol)]) {
        for (const held of list ?? []) {
          if (held.rule.thresholdPct > size) break;
          judgeOne(held);
        }
      }
      for (const held of open.get(`${window} ${symbol}`) ?? []) {
        if (held.rule.thresholdPct > size) judgeOne(held);
      }
      for (const { held, outcome } of judgements) put(held, symbol, outcome.state);
      return judgements;
    },
  };
}

export type RuleBook = ReturnType<typeof createRuleBook>;

/** A rule of the same version stays the same object, whose watchlist may have changed. */
function sameOrNew(held: HeldRule | undefined, next: HeldRule): HeldRule {
  return held?.version === next.version ? Object.assign(held, next) : next;
}

function indexRules(rules: readonly HeldRule[]): Map<RuleWindow, WindowRules> {
  const byWindow = new Map<RuleWindow, WindowRules>();
  for (const held of rules.toSorted((a, b) => a.rule.thresholdPct - b.rule.thresholdPct)) {
    const { window, symbols } = held.rule;
    let ofWindow = byWindow.get(window);
    if (ofWindow === undefined) byWindow.set(window, (ofWindow = { all: [], bySymbol: new Map() }));
    if (symbols === 'all') {
      ofWindow.all.push(held);
      continue;
    }
    for (const symbol of symbols) {
      const list = ofWindow.bySymbol.get(symbol);
      if (list) list.push(held);
      else ofWindow.bySymbol.set(symbol, [held]);
    }
  }
  return byWindow;
}
