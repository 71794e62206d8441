import { MINUTE_MS } from '../../kit/clock.ts';

/** The server refuses what lies further ahead of its clock; what it refuses must not count as a symbol's last reading. */
export const MOST_AHEAD_MS = MINUTE_MS;
