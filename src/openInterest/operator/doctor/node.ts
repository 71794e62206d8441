import { formatAge, formatCount } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import type { JudgedStage } from './stage.ts';

/** A pause that people notice, and one from which balancers take the node for dead. */
const LATE_MS = 2_000;
const BROKEN_MS = 5_000;

/** This process: one that is too busy makes every other stage late. */
export function judgeNode({ eventLoopMs, now, startedAt }: DoctorFacts): JudgedStage {
  const finding = `up ${formatAge(now - startedAt)}, event loop blocked for ${formatCount(eventLoopMs)} ms at most in 30s`;
  if (eventLoopMs <= LATE_MS) return { stage: 'node', finding, state: 'ok' };
  return {
    stage: 'node',
    finding,
    state: eventLoopMs > BROKEN_MS ? 'BROKEN' : 'LATE',
    next: 'look at the load of this machine and of this process (top); let fewer sockets or readers use this node',
  };
}
