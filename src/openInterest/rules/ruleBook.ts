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
export function createRuleBook(rules: readonly HeldRule[], states: readonly HeldState[]) {
  const byWindow = indexRules(rules);
  const byId = new Map(rules.map((it) => [it.id, it]));
  const stateOf = new Map<string, Map<string, RuleState>>();
  /** By window and symbol: the rules whose state a small change can change. */
  const open = new Map<string, Set<HeldRule>>();

  function remember(held: HeldRule, symbol: string, state: RuleState): void {
    let ofSymbol = stateOf.get(symbol);
    if (ofSymbol === undefined) stateOf.set(symbol, (ofSymbol = new Map()));
    ofSymbol.set(held.id, state);
    const key = `${held.rule.window} ${symbol}`;
    let opened = open.get(key);
    if (opened === undefined) open.set(key, (opened = new Set()));
    if (!state.armed || state.heldBack) opened.add(held);
    else opened.delete(held);
  }

  for (const { ruleId, symbol, state } of states) {
    const held = byId.get(ruleId);
    if (held) remember(held, symbol, state);
  }

  return {
    size: rules.length,
    windows: [...byWindow.keys()],
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
      for (const { held, outcome } of judgements) remember(held, symbol, outcome.state);
      return judgements;
    },
  };
}

export type RuleBook = ReturnType<typeof createRuleBook>;

function indexRules(rules: readonly HeldRule[]): Map<RuleWindow, WindowRules> {
  const byWindow = new Map<RuleWindow, WindowRules>();
  for (const held of rules.toSorted((a, b) => a.rule.thresholdPct - b.rule.thresholdPct)) {
    const { window, symbols } = held.rule;
    let ofWindow = byWindow.get(window);
    if (ofWindow === undefined) byWindow.set(window, (ofWindow = { all: [], bySymbol: new Map() }));
    if (symbols === 'all') ofWindow.all.push(held);
    else
      for (const symbol of symbols)
        ofWindow.bySymbol.set(symbol, [...(ofWindow.bySymbol.get(symbol) ?? []), held]);
  }
  return byWindow;
}
