/** Leaves room for the last message of a slice. */
const SLICE_MS = 4;
/** Beyond this many the oldest is sent to its end, so that a node that is too slow keeps few messages in memory. */
const MAX_WAITING = 16;

type Broadcast<Target> = {
  targets: readonly Target[];
  send: (target: Target) => void;
  /** Absent: can be sent now. It must not reject. */
  ready?: Promise<void> | undefined;
};

type Waiting<Target> = {
  readonly targets: readonly Target[];
  /** The index of the first target whose turn has not come. */
  next: number;
  /** Those after it that were sent the message before their turn. */
  readonly settled: Set<Target>;
  readonly send: (target: Target) => void;
  isReady: boolean;
};

/**
 * Sends broadcasts in order, in slices of a few milliseconds between which the event loop does other work. Each target is
 * sent everything in the order in which it was added: `settle` a target before you send to it alone.
 */
export function createBroadcastQueue<Target>(options: {
  /** Milliseconds of any steady clock. */
  now: () => number;
  /** Runs the task once other work had its turn. */
  later: (task: () => void) => void;
}) {
  const { now, later } = options;
  const waiting: Waiting<Target>[] = [];
  /** A slice is being sent or is scheduled: what a target's `send` adds has to wait for its turn. */
  let isSending = false;

  function sendSlice(): void {
    let isLeft = false;
    isSending = true;
    try {
      isLeft = sendUntil(now() + SLICE_MS);
    } finally {
      isSending = isLeft;
    }
    if (isLeft) later(sendSlice);
  }

  /** Returns whether anything is left that could be sent. */
  function sendUntil(endAt: number): boolean {
    for (let first = waiting[0]; first?.isReady; first = waiting[0]) {
      while (first.next < first.targets.length) {
        if (now() >= endAt) return true;
        sendNext(first);
      }
      if (waiting[0] === first) waiting.shift();
    }
    return false;
  }

  function finishFirst(): void {
    const first = waiting.shift()!;
    while (first.next < first.targets.length) sendNext(first);
  }

  return {
    /** Begins at once if it is ready and nothing is before it. */
    add({ targets, send, ready }: Broadcast<Target>): void {
      const isReady = ready === undefined;
      const added: Waiting<Target> = { targets, next: 0, settled: new Set(), send, isReady };
      waiting.push(added);
      if (waiting.length > MAX_WAITING) finishFirst();
      if (!isSending) sendSlice();
      void ready?.then(() => {
        added.isReady = true;
        if (!isSending) sendSlice();
      });
    },
    /** Sends the target all that waits for it. */
    settle(target: Target): void {
      for (const { targets, next, settled, send } of waiting) {
        if (settled.has(target) || targets.indexOf(target, next) < 0) continue;
        settled.add(target);
        send(target);
      }
    },
    /** Sends all that waits, now. */
    finish(): void {
      while (waiting.length > 0) finishFirst();
    },
  };
}

function sendNext<Target>(broadcast: Waiting<Target>): void {
  const { targets, settled, send } = broadcast;
  const target = targets[broadcast.next]!;
  broadcast.next += 1;
  if (settled.size === 0 || !settled.has(target)) send(target);
}

export type BroadcastQueue<Target> = ReturnType<typeof createBroadcastQueue<Target>>;
