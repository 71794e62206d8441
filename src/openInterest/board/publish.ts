import type { OpenInterestContext } from '../openInterest.context.ts';
import type { BoardUpdate } from '../openInterest.types.ts';
import type { Board } from './board.ts';
import { encodeUpdate } from './frames.shared.ts';
import { publishesRealtime } from './audience.ts';

/** Sends what changed on the live board since the last window. False: nothing has changed. */
export function publishWindow(ctx: OpenInterestContext, at: number): boolean {
  if (!ctx.board.hasUnpublished()) return false;
  const { update, frame } = closeWindow(ctx.board, { asOf: ctx.feed.lastDataAt, serverTime: at });
  ctx.metrics.updates.inc();
  if (publishesRealtime(ctx)) {
    // What a rule fires is live too, and goes to channels.
    ctx.ruleFeed.add(update.rows, at);
    ctx.publisher.update('realtime', update, frame);
    ctx.recorder.published(update);
  }
  return true;
}

/** Freezes the live board at the last 5-minute mark and sends what changed since the one before. */
export function publishSnapshot(ctx: OpenInterestContext): void {
  const { snapshots, clock, publisher } = ctx;
  const mark = snapshots.markAt(clock.now());
  const samples = Array.from(ctx.board.entries(), (it) => it.sample);
  if (!snapshots.take(mark, samples, ctx.universe.facts())) return;
  for (const [audience, board] of [
    ['snapshot', snapshots.top],
    ['snapshotAll', snapshots.all],
  ] as const) {
    const { update, frame } = closeWindow(board, { asOf: mark, serverTime: clock.now() });
    publisher.update(audience, update, frame);
  }
}

/** Sends each audience the position of its board, so that a client notices a missed window. */
export function publishPulse({ publisher, board, snapshots, clock }: OpenInterestContext): void {
  const serverTime = clock.now();
  publisher.pulse('realtime', { epoch: board.epoch, seq: board.seq(), serverTime });
  publisher.pulse('snapshot', { epoch: snapshots.top.epoch, seq: snapshots.top.seq(), serverTime });
  publisher.pulse('snapshotAll', { epoch: snapshots.all.epoch, seq: snapshots.all.seq(), serverTime });
}

/** What changed in the window, as named rows and as columns. The latter are valid until the board changes. */
function closeWindow(board: Board, times: Pick<BoardUpdate, 'asOf' | 'serverTime'>) {
  const { entered, newFacts, ...window } = board.closeWindow();
  const update: BoardUpdate = { ...window, ...times };
  return { update, frame: () => encodeUpdate(update, { entered, newFacts, ids: board.ids() }) };
}
