import { SECOND_MS } from '../../../kit/clock.ts';
import type { OthersUse } from './othersUse.ts';
import type { Priority } from './waitingLine.ts';
import type { WeightLimits } from './weightLimits.ts';

/** How much of the budget is ours at the moment, in weight a window. */
export type Share = (now: number) => number;

/**
 * Falls at once and grows by a sixtieth of the budget a second: several that find room at the same moment must not all
 * take all of it before they see each other. Who is alone takes the budget at once.
 */
export function createShare(limits: WeightLimits, others: OthersUse): Share {
  const growthPerMs = limits.budget / 60 / SECOND_MS;
  let share = computeShare(limits, null);
  let grownAt = -Infinity;

  return (now) => {
    const theirs = others.perWindow(now);
    const target = computeShare(limits, theirs);
    const reached = share + Math.max(0, now - grownAt) * growthPerMs;
    share = theirs === 0 ? target : Math.min(target, reached);
    grownAt = now;
    return share;
  };
}

/**
 * Our part of the budget in a window, given the others' use; `null`: not known yet.
 *
 * Who always took all that the others leave would keep out whoever comes later, so we take nine tenths of it: several
 * that do so arrive at equal parts. Others who leave nothing leave us a floor, as long as the limit itself has room for
 * it: a job that asks for 41 a run must not starve beside one that never stops.
 */
export function computeShare(limits: WeightLimits, others: number | null): number {
  const { budget, floor, limit, line } = limits;
  if (others === null) return floor;
  const yielded = 0.1 * Math.min(1, others / floor);
  const room = Math.min(floor, (line + limit) / 2 - others);
  return Math.max(0, room, (budget - others) * (1 - yielded));
}

/**
 * What of our share a request of this class may fill. However small the share, half of it is for everybody: where nobody
 * asks, no answer comes, and only answers tell what the others use.
 */
export function capOf(limits: WeightLimits, share: number, priority: Priority): number {
  return priority === 'reserved' ? share : share - Math.min(limits.reserve, share / 2);
}
