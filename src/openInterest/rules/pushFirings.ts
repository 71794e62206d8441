import { sendToNodes } from '../cluster/clusterMessages.ts';
import type { OpenInterestContext } from '../openInterest.context.ts';
import type { NewFiring } from './evaluation.repository.ts';
import type { AlertFiring } from './alertFiring.types.ts';
import type { UserFiring } from './rules.types.ts';

/** As many as a page can show at once; the list has every one. */
const PUSHED_AT_ONCE = 20;

/** Pushes stored firings to the sockets of their users, on every node. */
export function pushFirings(ctx: OpenInterestContext, firings: readonly NewFiring[]): void {
  const pushed = new Map<string, number>();
  const sent: UserFiring[] = [];
  for (const firing of firings) {
    ctx.metrics.rules.firings.inc({ result: firing.quiet ? 'quiet' : 'fired' });
    const count = (pushed.get(firing.userId) ?? 0) + 1;
    pushed.set(firing.userId, count);
    if (count <= PUSHED_AT_ONCE) sent.push({ userId: firing.userId, firing: onWire(firing) });
  }
  if (sent.length === 0) return;
  for (const it of sent) ctx.publisher.firing(it);
  sendToNodes(ctx, 'firings', sent);
}

function onWire({
  userId: _userId,
  channelIds: _channelIds,
  sendAt: _sendAt,
  ...firing
}: NewFiring): AlertFiring {
  return { ...firing, after: [] };
}
