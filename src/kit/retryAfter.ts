import { SECOND_MS } from './clock.ts';

/**
 * The wait, in ms, that a Retry-After header asks for at `now` (epoch ms): seconds, or an HTTP date. `null`: there is none, or
 * it cannot be read.
 */
export function parseRetryAfter(header: unknown, now: number): number | null {
  if (typeof header !== 'string') return null;
  const text = header.trim();
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * SECOND_MS);
  const at = /^[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
