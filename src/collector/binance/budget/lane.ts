import type { Priority } from './waitingLine.ts';

/** One of the exchange's counters, and when it lets what through. Times are epoch ms of the budget's clock. */
export type Lane = {
  /** What weighs more can never go. */
  largest: number;
  /** How long until this may go; `Infinity`: until an answer comes, or others have used less. */
  msUntil(request: LaneRequest, now: number): number;
  /** It goes now; the answer ends it. `answered` false: nothing came back, and it may yet be counted. */
  begin(request: LaneRequest, now: number): (now: number, answered: boolean) => void;
  underWay(): number;
  /** After a pause nobody starts with a burst. */
  drain(now: number): void;
};

type LaneRequest = { weight: number; priority: Priority };
