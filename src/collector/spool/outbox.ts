import type { Clock } from '../../kit/clock.ts';
import type { Sender } from './sender.ts';
import type { Spool } from './spool.ts';
import type { Lane } from './spool.types.ts';

/** Long enough to share a request, short against the seconds between two samples of a symbol. */
const BATCH_MS = 500;

export type Outbox = ReturnType<typeof createOutbox>;

/** Accepts what jobs send; spooling, chunking and sending happen behind it. */
export function createOutbox(options: { spool: Spool; sender: Sender; clock: Clock }) {
  const { spool, sender, clock } = options;
  let cancelTimer: (() => void) | null = null;

  /** Makes everything sendable that was put so far. */
  function flush(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (!sender.gathersLive()) spool.seal('live');
    spool.seal('backlog');
    sender.wake();
  }

  return {
    /** Appends at least one item; `alongside` is stored with the last one or not at all. */
    put(lane: Lane, items: readonly object[], alongside?: () => void): void {
      const bodies = items.map((item) => JSON.stringify(item));
      spool.append(lane, bodies, alongside);
      if (lane === 'alert') sender.wake();
      else cancelTimer ??= clock.after(BATCH_MS, flush);
    },
    /** True while a crash would lose alerts, because the disk refused them. */
    holdsUnspooledAlerts: () => spool.isInMemory('alert'),
    flush,
    stop: () => cancelTimer?.(),
  };
}
