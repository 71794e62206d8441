import { MINUTE_MS } from '../../../kit/clock.ts';
import { formatMoment } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import type { Verdict } from './verdict.ts';

/** A failure this old does not describe the present: no token has needed the keys since. */
const EXPIRES_MS = 10 * MINUTE_MS;

/** A line only where users cannot be verified; samples flow all the same. */
export function judgeAccess({ issuerFault, now }: DoctorFacts): Verdict[] {
  if (issuerFault === null || now - issuerFault.at > EXPIRES_MS) return [];
  const { since, reason } = issuerFault;
  return [
    {
      finding: `the token issuer's keys cannot be fetched since ${formatMoment(since, now)}: ${reason}; users get 503`,
      state: 'BROKEN',
      next: 'check AUTH_JWKS_URL and the network from this machine to it',
      minor: true,
    },
  ];
}
