import { MINUTE_MS } from '../../kit/clock.ts';

/** The server rejects a sample further ahead of its clock; such a sample must not become a symbol's last reading. */
export const MOST_AHEAD_MS = MINUTE_MS;
