import {
  createRequestBudget,
  type AnswerHead,
  type RequestBudget,
} from '../../../../../src/collector/binance/budget/requestBudget.ts';
import { weightLimits } from '../../../../../src/collector/binance/budget/weightLimits.ts';
import type { BanState } from '../../../../../src/collector/binance/budget/banState.ts';
import type { Clock } from '../../../../../src/kit/clock.ts';
import {
  createWeightLedger,
  type WeightLedgerOptions,
} from '../../../../../src/simulator/exchange/weights.ts';
import type { FakeClock } from '../../../../support/fakeClock.ts';
import { silentLogger } from '../../../../support/silentLogger.ts';

/** How one request travels. */
export type Journey = {
  thereMs: number;
  backMs: number;
  /** The sender's timeout; the request itself continues. */
  givenUpAfterMs?: number;
  /** The age of the count in the header. */
  headerLagMs?: number;
};

export type Counted = { at: number; weight: number; sender: string };

export type ExchangeModel = {
  /** What the exchange counted, in its order. */
  counted: Counted[];
  /** Statuses by how often. */
  statuses: Map<number, number>;
  ban(lengthMs: number): void;
  send(sender: string, weight: number, journey: Journey): Promise<{ head: AnswerHead }>;
};

/**
 * The exchange as a budget sees it from one address: the simulator's own ledger behind a network whose delays the test
 * decides. The exchange's clock is `aheadMs` ahead of the budget's, and its minutes are those of its own clock.
 */
export function createExchangeModel(options: {
  clock: FakeClock;
  aheadMs?: number;
  limits?: WeightLedgerOptions['limits'];
  retryAfter?: boolean;
}): ExchangeModel {
  const { clock, aheadMs = 0, limits, retryAfter = true } = options;
  const theirs: Clock = { now: () => clock.now() + aheadMs, after: (ms, task) => clock.after(ms, task) };
  const ledger = createWeightLedger({ clock: theirs, ...(limits ? { limits } : {}) });
  const counted: Counted[] = [];
  const statuses = new Map<number, number>();
  const usedWeights: { at: number; usedWeight: number }[] = [];

  function answer(sender: string, weight: number, headerLagMs: number): AnswerHead {
    const charge = ledger.charge('home', 'requestWeight', weight);
    counted.push({ at: clock.now(), weight, sender });
    const status = { accepted: 200, refused: 429, banned: 418 }[charge.outcome];
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    usedWeights.push({ at: clock.now(), usedWeight: charge.usedWeight });
    const told = usedWeights.findLast((it) => it.at <= clock.now() - headerLagMs);
    return {
      status,
      usedWeight: told?.usedWeight ?? charge.usedWeight,
      exchangeTime: Math.floor(theirs.now() / 1_000) * 1_000,
      retryAfterMs: retryAfter && charge.outcome !== 'accepted' ? charge.retryAfterSec * 1_000 : null,
    };
  }

  return {
    counted,
    statuses,
    ban: (lengthMs) => ledger.ban('home', lengthMs),
    send: (sender, weight, { thereMs, backMs, givenUpAfterMs = Infinity, headerLagMs = 0 }) =>
      new Promise((resolve, reject) => {
        clock.after(thereMs, () => {
          const head = answer(sender, weight, headerLagMs);
          clock.after(backMs, () => resolve({ head }));
        });
        if (givenUpAfterMs < thereMs + backMs) {
          clock.after(givenUpAfterMs, () => reject(new Error(`no answer in ${givenUpAfterMs} ms`)));
        }
      }),
  };
}

/** Moves time in small steps and lets promises settle after each. */
export async function pass(clock: FakeClock, ms: number, stepMs = 10): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(Math.min(stepMs, ms - passed));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** The most weight in any window of `windowMs`, wherever it begins. */
export function heaviestWindow(counted: readonly Counted[], windowMs: number): number {
  let [heaviest, weight, from] = [0, 0, 0];
  for (const it of counted) {
    weight += it.weight;
    while (counted[from]!.at <= it.at - windowMs) {
      weight -= counted[from]!.weight;
      from += 1;
    }
    heaviest = Math.max(heaviest, weight);
  }
  return heaviest;
}

export const noBanState: BanState = { load: () => null, save: () => undefined };

export function aBudget(
  clock: FakeClock,
  limits = weightLimits({ budget: 2_000 }),
  banState = noBanState,
  systemClock: Pick<Clock, 'now'> = clock,
): RequestBudget {
  return createRequestBudget({ limits, clock, systemClock, banState, logger: silentLogger });
}

/** Sends requests for ever, `gapMs` apart; the exchange counts their results. */
export function demand(options: {
  clock: FakeClock;
  budget: RequestBudget;
  exchange: ExchangeModel;
  sender: string;
  gapMs: number;
  journey: () => Journey;
}): void {
  const { clock, budget, exchange, sender, gapMs, journey } = options;
  let waiting = 0;
  function ask(): void {
    clock.after(gapMs, ask);
    if (waiting > 400) return;
    waiting += 1;
    budget
      .run({ pool: 'weight', weight: 1, priority: 'steady' }, () => exchange.send(sender, 1, journey()))
      .catch(() => undefined)
      .finally(() => (waiting -= 1));
  }
  ask();
}

/** The same seed, the same numbers. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}
