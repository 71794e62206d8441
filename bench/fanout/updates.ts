import type { BoardUpdate } from '../../src/openInterest/openInterest.types.ts';
import { publishWindow } from '../../src/openInterest/board/publish.ts';
import { createStorelessContext } from '../storeless.ts';
import { createSweeps } from './market.ts';

/** The updates that the product publishes for the same market. */
export function createUpdates(marketStart: number): () => BoardUpdate {
  let update: BoardUpdate;
  const ctx = createStorelessContext({ update: (_audience, published) => (update = published) });
  const sweep = createSweeps(ctx.board, marketStart);
  return () => {
    sweep();
    publishWindow(ctx, Date.now());
    return update;
  };
}

/** The update as the text of a Socket.IO message. */
export function messageOf(update: BoardUpdate): string {
  return `42${JSON.stringify(['open-interest-update', update])}`;
}
