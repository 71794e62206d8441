export type StageState = 'ok' | 'WAITING' | 'LATE' | 'DEGRADED' | 'BROKEN';

/** What doctor says of one stage of the flow. */
export type Stage = {
  stage: string;
  finding: string;
  state: StageState;
  /** What to do next; only where something is wrong. */
  next?: string;
  /** The cause, as far as the stages tell: the others may only follow from it. */
  first?: true;
};

/** Before the stages are compared. `minor`: samples flow all the same, so it explains no fault further on. */
export type JudgedStage = Omit<Stage, 'first'> & { minor?: true };

const WORST_FIRST: readonly StageState[] = ['BROKEN', 'DEGRADED', 'LATE', 'WAITING', 'ok'];

/** Negative: `a` is worse. */
export function compareStates(a: StageState, b: StageState): number {
  return WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b);
}

/** A line for a shell, with the variable of the operator's guide: without the key the answer is 401. */
export function curlOf(url: string): string {
  return `curl -sS -H "X-API-Key: $OPERATOR_KEY" '${url}'`;
}
