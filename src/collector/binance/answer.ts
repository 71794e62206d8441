import { DAY_MS, SECOND_MS } from '../../kit/clock.ts';
import type { ExchangeErrorKind } from '../collector.types.ts';
import { ADDRESS_REFUSALS, ExchangeError } from './exchangeError.ts';
import { parseJson } from '../../kit/parseJson.ts';
import { parseRetryAfter } from '../../kit/retryAfter.ts';
import { ErrorBody } from './binance.types.ts';
import type { AnswerHead } from './budget/requestBudget.ts';

export type Answer = { head: AnswerHead; body: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Reads the headers about limits; what cannot be read is `null`. `now`: epoch ms of the system clock. */
export function readHead(status: number, headers: Headers, body: string, now: number): AnswerHead {
  const exchangeTime = parseDate(headers['date']);
  return {
    status,
    usedWeight: parseWhole(headers['x-mbx-used-weight-1m']),
    exchangeTime,
    retryAfterMs: readRetryAfter(status, headers, body, exchangeTime ?? now),
  };
}

/**
 * How long to wait: until the later of the times in the header and, for a ban, in the message. A header of 0 counts as
 * absent. `exchangeTime` is when the answer was sent, by the exchange's clock where it is known.
 */
function readRetryAfter(status: number, headers: Headers, body: string, exchangeTime: number): number | null {
  const byHeader = parseRetryAfter(headers['retry-after'], exchangeTime) ?? 0;
  const byMessage = status === 418 ? (bannedUntil(body) ?? 0) - exchangeTime : 0;
  const waitMs = Math.max(byHeader, byMessage);
  // One second extra: both times are in whole seconds.
  return waitMs > 0 ? Math.min(waitMs, LONGEST_WAIT_MS) + SECOND_MS : null;
}

const LONGEST_WAIT_MS = 3 * DAY_MS;

/** `Way too much request weight used; IP banned until 1620286253180. Please use …`, in seconds, ms or microseconds. */
function bannedUntil(body: string): number | null {
  const digits = /banned until (\d{10}|\d{13}|\d{16})\b/.exec(body)?.[1];
  return digits === undefined ? null : Number(digits.slice(0, 13).padEnd(13, '0'));
}

function parseWhole(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
}

function parseDate(value: string | string[] | undefined): number | null {
  const at = typeof value === 'string' && /[a-z]/i.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? null : at;
}

/** What an answer other than 200 means. `until`: when requests are sent again, if this answer stopped them. */
export function refusalOf(asked: string, { head, body }: Answer, until: number | null): ExchangeError {
  const { status } = head;
  const parsed = ErrorBody.safeParse(parseJson(body));
  const code = parsed.success ? parsed.data.code : null;
  const said = parsed.success ? `: ${parsed.data.msg} (${code})` : '';
  const refusals: Readonly<Record<number, string>> = ADDRESS_REFUSALS;
  const meaning = refusals[status] ?? `the exchange answered ${status}`;
  return new ExchangeError(kindOf(status, code), `${asked}: ${meaning}${said}`, {
    status,
    until,
    code: code === null ? null : String(code),
  });
}

/** -1121: unknown symbol. -4108: it is being settled, closed, or not open yet. */
const NOT_A_MARKET: readonly (number | null)[] = [-1121, -4108];

function kindOf(status: number, code: number | null): ExchangeErrorKind {
  if (status === 418) return 'banned';
  // 403 and 451 refuse the address, whatever the symbol.
  if (status === 429 || status === 403 || status === 451) return 'throttled';
  if (status === 408 || status >= 500 || status < 400) return 'unavailable';
  if (NOT_A_MARKET.includes(code)) return 'unknown_symbol';
  // Codes above -1100 are about the exchange itself; without a code something else answered.
  return code !== null && code <= -1_100 ? 'refused' : 'unavailable';
}
