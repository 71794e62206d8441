import { formatAge, formatCount } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

/** A pause that users notice, and one after which balancers consider the node dead. */
const LATE_MS = 2_000;
const BROKEN_MS = 5_000;

/** This process: a blocked event loop delays every other stage. */
export function judgeNode({ eventLoopMs, isDraining, now, startedAt }: DoctorFacts): Verdict {
  if (isDraining) {
    return {
      finding: `up ${formatAge(now - startedAt)}, draining: it refuses chunks (503) and new sockets, and is about to end`,
      state: 'DEGRADED',
      next: 'ask another node; if there is none, start this one again once it has ended',
    };
  }
  const finding = `up ${formatAge(now - startedAt)}, event loop blocked for ${formatCount(eventLoopMs)} ms at most in 30s`;
  if (eventLoopMs <= LATE_MS) return { finding, state: 'ok' };
  return {
    finding,
    state: eventLoopMs > BROKEN_MS ? 'BROKEN' : 'LATE',
    next: 'check the load of this machine and of this process (top); move sockets or readers to other nodes',
  };
}
