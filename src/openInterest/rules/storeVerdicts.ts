import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database/database.ts';
import type { Series } from '../board/series.ts';
import { enqueueDeliveries } from '../delivery/outbox.repository.ts';
import { insertFirings, upsertStates, type NewFiring } from './evaluation.repository.ts';
import { lockLease } from './lease.repository.ts';
import { sendingOf } from './quietHours.ts';
import { evidenceOf } from './reading.ts';
import type { HeldState, Judgement } from './ruleBook.ts';

/** Rows of one statement. */
const AT_ONCE = 500;

/** What is stored of a judgement: what the rule remembers, and its firing if it fires. */
export type Verdict = { state: HeldState & { version: number }; firing: NewFiring | null };

/** `null` without a firing. */
export function firingOf(
  { held, reading, outcome }: Judgement,
  past: { series: Series; everySec: number },
): NewFiring | null {
  if (outcome.fires === null) return null;
  const { rule } = held;
  return {
    id: randomUUID(),
    userId: held.userId,
    ruleId: held.id,
    ruleVersion: held.version,
    ruleName: rule.name,
    symbol: reading.symbol,
    window: reading.window,
    direction: outcome.fires,
    firedAt: reading.current.ts,
    ...sendingOf(rule, reading.current.ts),
    evidence: evidenceOf(reading, past.series, past.everySec),
  };
}

export function stateOf({ held, reading, outcome }: Judgement): Verdict['state'] {
  return { ruleId: held.id, version: held.version, symbol: reading.symbol, state: outcome.state };
}

/**
 * Stores states, firings and their deliveries, some hundred in a transaction, and answers the firings that are new. Throws
 * when another node evaluates; then nothing of that transaction is stored.
 */
export async function storeVerdicts(
  db: Database,
  node: string,
  verdicts: readonly Verdict[],
  onStored: (firings: NewFiring[]) => void,
): Promise<void> {
  for (let from = 0; from < verdicts.length; from += AT_ONCE) {
    const part = verdicts.slice(from, from + AT_ONCE);
    const firings = part.flatMap((it) => it.firing ?? []);
    const stored = await db.transaction(async (transaction) => {
      if (!(await lockLease(transaction, node))) throw new Error('another node evaluates the rules');
      const ids = await insertFirings(transaction, firings);
      const fresh = firings.filter((it) => ids.has(it.id));
      // Of several in one part the last state counts.
      const states = new Map(part.map(({ state }) => [`${state.ruleId} ${state.symbol}`, state]));
      await upsertStates(transaction, [...states.values()]);
      await enqueueDeliveries(transaction, fresh);
      return fresh;
    });
    onStored(stored);
  }
}
