/** What a process can be made to suffer from inside. */
export type NodeFaults = {
  /** Its clock is so far ahead of the machine's; timers keep their pace, as after a step of NTP. */
  clockAheadMs: number;
  /** Timers of a function with this name and at most this delay never fire. */
  lostTimer: { task: string; upToMs: number } | null;
  /** The event loop is busy for so long in each `blockEveryMs`; 0: it is not. */
  blockMs: number;
  blockEveryMs: number;
};
