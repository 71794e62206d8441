import type { DoctorStage } from '../debug/debug.types.ts';

export type StageState = DoctorStage['state'];

/** What is found at one stage, before the stages are compared. */
export type Verdict = Omit<DoctorStage, 'stage' | 'first'> & {
  /** Samples flow all the same, so it explains no fault of a later stage. */
  minor?: true;
  /** The finding without its details, for the one line of the health strip; absent: the finding is short enough. */
  brief?: string;
};

export type JudgedStage = Verdict & Pick<DoctorStage, 'stage'>;

const WORST_FIRST: readonly StageState[] = ['BROKEN', 'DEGRADED', 'LATE', 'WAITING', 'ok'];

/** Negative: `a` is worse. */
export function compareStates(a: StageState, b: StageState): number {
  return WORST_FIRST.indexOf(a) - WORST_FIRST.indexOf(b);
}

/** A line for a shell, with the variable of the operator's guide: without the key the answer is 401. */
export function curlOf(url: string): string {
  return `curl -sS -H "X-API-Key: $OPERATOR_KEY" '${url}'`;
}
