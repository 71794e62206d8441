import { deliveryTotals, type DeliveryTotals } from '../../delivery/channels.repository.ts';
import { selectFailingKinds, selectUnsentAgo, type FailingKind } from '../../delivery/health.repository.ts';
import { selectMethodChanges } from '../../rules/evaluation.repository.ts';
import { selectEvaluatorState, type EvaluatorState } from '../../rules/lease.repository.ts';
import type { MethodChange } from '../../rules/methodGuard.ts';
import type { OperatorContext } from '../operator.context.ts';

/** What doctor judges alert rules and their delivery by. */
export type AlertFacts = {
  evaluator: EvaluatorState;
  /** A change of the source's method that waits for an operator; `null`: none. */
  methodChange: MethodChange | null;
  outbox: Pick<DeliveryTotals, 'waiting' | 'oldestWaitingMs'>;
  /** For how long the oldest delivery has been due that no node sends, ms. */
  unsentAgo: number | null;
  failingKinds: readonly FailingKind[];
};

export async function gatherAlertFacts({ db }: Pick<OperatorContext, 'db'>): Promise<AlertFacts> {
  const [evaluator, methodChanges, outbox, unsentAgo, failingKinds] = await Promise.all([
    selectEvaluatorState(db),
    selectMethodChanges(db),
    deliveryTotals(db),
    selectUnsentAgo(db),
    selectFailingKinds(db),
  ]);
  const methodChange = methodChanges.find((it) => it.confirmedAt === null) ?? null;
  return { evaluator, methodChange, outbox, unsentAgo, failingKinds };
}
