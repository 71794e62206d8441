import { MINUTE_MS } from '../../../kit/clock.ts';
import { formatAge, formatCount } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import { curlOf, type Verdict } from './verdict.ts';

/** The universe job runs every 5 min. */
const UNIVERSE_LATE_MS = 15 * MINUTE_MS;

export function judgeUniverse({ universe, now, baseUrl }: DoctorFacts): Verdict {
  const next = `run the liquid universe job; ${curlOf(`${baseUrl}/api/market/open-interest/liquid-universe`)}`;
  if (universe.total === 0 || universe.updatedAt === null) {
    return { finding: 'no symbols yet', state: 'WAITING', next };
  }
  const ageMs = now - universe.updatedAt;
  const finding = `${formatCount(universe.total)} symbols, updated ${formatAge(ageMs)} ago`;
  // Pollers continue with the previous universe.
  if (ageMs > UNIVERSE_LATE_MS) return { finding, state: 'LATE', next, minor: true };
  return { finding, state: 'ok' };
}
