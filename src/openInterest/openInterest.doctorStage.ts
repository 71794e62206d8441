export type StageState = 'ok' | 'WAITING' | 'LATE' | 'DEGRADED' | 'BROKEN';

/** What doctor says of one stage of the flow. */
export type Stage = {
  stage: string;
  finding: string;
  state: StageState;
  /** What to do next; only where something is wrong. */
  next?: string;
};

/** Nothing accepted, or nothing published, for this long: pollers post every 5 to 30 s. */
export const SILENCE_LATE_MS = 60_000;
export const SILENCE_BROKEN_MS = 180_000;
