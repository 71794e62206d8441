import { DAY_MS, SECOND_MS } from '../../kit/clock.ts';
import { parseJson } from '../../kit/parseJson.ts';
import { parseRetryAfter } from '../../kit/retryAfter.ts';
import type { ReceiverResponse } from './post.ts';

/**
 * What an attempt means for its delivery and its channel. `gone`: the receiver says that it does not exist any more, so
 * the channel is switched off. `unsent`: this server lacks a key, which is no fault of the receiver.
 */
export type Outcome =
  | { result: 'delivered' }
  | { result: 'retry'; error: string; retryAfterMs: number | null }
  | { result: 'gone'; error: string }
  | { result: 'unsent'; error: string };

/** A longer wait is more likely a mistake of the receiver than a limit. */
const LONGEST_RETRY_AFTER_MS = DAY_MS;

/** `goneStatuses`: what this kind of receiver answers when it does not exist any more. */
export function judgeResponse(
  response: ReceiverResponse,
  goneStatuses: readonly number[],
  now: number,
): Outcome {
  const { status, snippet } = response;
  if (status >= 200 && status < 300) return { result: 'delivered' };
  const detail = snippet === '' ? '' : `: ${snippet}`;
  if (goneStatuses.includes(status)) {
    return { result: 'gone', error: `the receiver answered ${status}${detail}` };
  }
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return {
    result: 'retry',
    error: `the receiver answered ${status}${redirect}${detail}`,
    retryAfterMs: readRetryAfter(response, now),
  };
}

/** From the header (seconds or a date), or from the bodies of Telegram and Discord (seconds). */
function readRetryAfter({ headers, body, status }: ReceiverResponse, now: number): number | null {
  const waits = [
    parseRetryAfter(headers['retry-after'], now) ?? 0,
    status === 429 ? secondsIn(parseJson(body)) * SECOND_MS : 0,
  ].filter((it) => it > 0);
  return waits.length === 0 ? null : Math.min(Math.max(...waits), LONGEST_RETRY_AFTER_MS);
}

function secondsIn(body: unknown): number {
  const { retry_after: own, parameters } = (body ?? {}) as {
    retry_after?: unknown;
    parameters?: { retry_after?: unknown } | null;
  };
  return Number(own ?? parameters?.retry_after ?? NaN);
}
