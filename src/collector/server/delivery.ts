import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { parseJson } from '../../kit/parseJson.ts';
import { parseRetryAfter } from '../../kit/retryAfter.ts';

/**
 * The outcome of a post to our server.
 * - `accepted`: the server has stored it
 * - `retry`: it has not, or the outcome is unknown; a retry with the same bytes is safe
 * - `refused`: the server rejects it for good
 */
export type Delivery<Body = unknown> =
  | { outcome: 'accepted'; body: Body }
  | {
      outcome: 'retry';
      reason: string;
      /** Not before this; `null`: the server named no time. */
      retryAfterMs: number | null;
      /** A key or an address is wrong, so retries alone do not help. */
      needsOperator: boolean;
      /** The status of our server's answer; absent: another server answered, or none. */
      status?: number;
      /** Only its time is wrong, ahead of the server's clock: it will be accepted later. */
      waitsForTime?: true;
    }
  | { outcome: 'refused'; status: number; reason: string };

/** An answer of the server, or of something in its place. */
export type ServerAnswer = { status: number; retryAfter: string | null; date: string | null; text: string };

/**
 * These are not about the body: the key is wrong (401, 403), the address leads elsewhere or the balancer has no server at
 * the moment (404), the upload was too slow (408). The body is kept and retried.
 */
const NOT_ABOUT_THE_BODY: ReadonlySet<number> = new Set([401, 403, 404, 408]);
const NEEDS_OPERATOR: ReadonlySet<number> = new Set([401, 403, 404]);

/** A wrong key is not corrected within seconds, and rapid retries with it look like an attack. */
const OPERATOR_RETRY_MS = 30 * SECOND_MS;

/** Judges an answer. `parse` returns `null` for a body that our server cannot have written. */
export function judgeAnswer<Body>(
  answer: ServerAnswer,
  parse: (json: unknown) => Body | null,
  clock: Clock,
): Delivery<Body> {
  const { status } = answer;
  const retryAfterMs = parseRetryAfter(answer.retryAfter, clock.now());
  if (status >= 200 && status < 300) {
    const body = parse(parseJson(answer.text));
    // A captive portal answers 200 too.
    if (body === null)
      return retry(`a ${status} that is not the server's; does the address lead to it?`, true);
    return { outcome: 'accepted', body };
  }
  if (status >= 300 && status < 400) {
    return retry(`redirected (${status}); set VOLSPIKE_API_URL to where the server is`, true);
  }
  const reason = optionalReason(answer);
  if (reason === null && status !== 429 && status < 500) {
    // Another web server may answer 405, 410 or 421 without reading the body.
    return retry(`a ${status} that is not the server's; does the address lead to it?`, true, retryAfterMs);
  }
  if (reason === null || status === 429 || status >= 500 || NOT_ABOUT_THE_BODY.has(status)) {
    const delivery = retry<Body>(reason ?? String(status), NEEDS_OPERATOR.has(status), retryAfterMs);
    return reason === null ? delivery : { ...delivery, status };
  }
  if (status === 400 && isOfTimeAlone(answer.text)) {
    return { ...retry<Body>(reason), status, waitsForTime: true };
  }
  return { outcome: 'refused', status, reason };
}

export function retry<Body>(
  reason: string,
  needsOperator = false,
  retryAfterMs: number | null = null,
): Delivery<Body> & { outcome: 'retry' } {
  const floorMs = needsOperator ? Math.max(OPERATOR_RETRY_MS, retryAfterMs ?? 0) : retryAfterMs;
  return { outcome: 'retry', reason, retryAfterMs: floorMs, needsOperator };
}

/**
 * `400 no_valid_items: No valid data items`; repeats nothing of the request. `null`: our server cannot have written it.
 */
function optionalReason({ status, text }: ServerAnswer): string | null {
  const json = parseJson(text);
  const error = typeof json === 'object' && json !== null && 'error' in json ? json.error : null;
  if (typeof error === 'string') return `${status} ${error.slice(0, 200)}`;
  if (typeof error !== 'object' || error === null) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  return `${status} ${code}: ${message}`.slice(0, 300);
}

/** Our server's message for an item of a chunk, and for the time of an alert. */
const OF_TIME = /^(ts_in_future: |lies more than \d+ s ahead of the server)/;

function isOfTimeAlone(text: string): boolean {
  const { error } = (parseJson(text) ?? {}) as { error?: { details?: unknown } | null };
  const details = error?.details;
  if (!Array.isArray(details) || details.length === 0) return false;
  return details.every((it: { message?: unknown } | null) => OF_TIME.test(String(it?.message)));
}
