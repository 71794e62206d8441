import type { Clock } from '../../kit/clock.ts';
import type { Sender } from './sender.ts';
import type { Spool } from './spool.ts';
import type { Lane } from './spool.types.ts';

/** Long enough to share a request, short against the seconds between two samples of a symbol. */
const SHARE_MS = 500;

export type Outbox = ReturnType<typeof createOutbox>;

/** Where the jobs put what is to be sent; they need not know that it is spooled, chunked and sent. */
export function createOutbox(options: { spool: Spool; sender: Sender; clock: Clock }) {
  const { spool, sender, clock } = options;
  let cancelTimer: (() => void) | null = null;

  /** Lets everything be sent that has been put so far. */
  function flush(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (!sender.gathersLive()) spool.seal('live');
    spool.seal('backlog');
    sender.wake();
  }

  return {
    /** At least one item. `alongside` is stored with the last one or not at all. */
    put(lane: Lane, items: readonly object[], alongside?: () => void): void {
      spool.append(
        lane,
        items.map((item) => JSON.stringify(item)),
        alongside,
      );
      if (lane === 'alert') sender.wake();
      else cancelTimer ??= clock.after(SHARE_MS, flush);
    },
    /** Alerts that only memory holds, because the disk would not take them: a kill would lose them. */
    holdsAlerts: () => spool.holdsInMemory('alert'),
    flush,
    stop: () => cancelTimer?.(),
  };
}
