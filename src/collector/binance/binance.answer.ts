import { DAY_MS, SECOND_MS } from '../../kit/clock.ts';
import type { ExchangeErrorKind } from '../collector.types.ts';
import { ExchangeError } from '../exchangeError.ts';
import { parseOptionalJson } from '../fileState.ts';
import { ErrorBody } from './binance.types.ts';
import type { AnswerHead } from './requestBudget.ts';

/** What came over the wire. */
export type Answer = { head: AnswerHead; body: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Reads the headers that say how we stand; what cannot be read is not known. */
export function readHead(status: number, headers: Headers, body: string): AnswerHead {
  const exchangeTime = parseDate(headers['date']);
  return {
    status,
    usedWeight: parseWhole(headers['x-mbx-used-weight-1m']),
    exchangeTime,
    retryAfterMs: readRetryAfter(status, headers, body, exchangeTime),
  };
}

/** How to wait: the header, else, for a ban, the moment that its message names by the exchange's own clock. */
function readRetryAfter(
  status: number,
  headers: Headers,
  body: string,
  exchangeTime: number | null,
): number | null {
  const seconds = parseWhole(headers['retry-after']);
  // A second to spare: it is a whole number of them, and counted from when the answer was sent.
  if (seconds !== null) return Math.min(seconds * SECOND_MS, LONGEST_WAIT_MS) + SECOND_MS;
  const at = parseDate(headers['retry-after']) ?? (status === 418 ? bannedUntil(body) : null);
  if (at === null || exchangeTime === null || at <= exchangeTime) return null;
  return Math.min(at - exchangeTime, LONGEST_WAIT_MS) + SECOND_MS;
}

const LONGEST_WAIT_MS = 3 * DAY_MS;

/** `Way too much request weight used; IP banned until 1620286253180. Please use …` */
function bannedUntil(body: string): number | null {
  const match = /banned until (\d{13})\b/.exec(body);
  return match ? Number(match[1]) : null;
}

function parseWhole(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
}

function parseDate(value: string | string[] | undefined): number | null {
  const at = typeof value === 'string' && /[a-z]/i.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? null : at;
}

/** What an answer other than 200 means. `until`: when the budget opens again, if this answer has closed it. */
export function refusalOf(asked: string, { head, body }: Answer, until: number | null): ExchangeError {
  const { status } = head;
  const parsed = ErrorBody.safeParse(parseOptionalJson(body));
  const code = parsed.success ? parsed.data.code : null;
  const said = parsed.success ? `: ${parsed.data.msg} (${code})` : '';
  return new ExchangeError(kindOf(status, code), `${asked}: ${meaningOf(status)}${said}`, { status, until });
}

/** -1121: there is no such symbol. -4108: there was one; it is being settled, is closed or has yet to open. */
const NOT_A_MARKET: readonly (number | null)[] = [-1121, -4108];

function kindOf(status: number, code: number | null): ExchangeErrorKind {
  if (status === 418) return 'banned';
  // 403 and 451 refuse the address, not the question: no symbol is to blame, and all have to wait.
  if (status === 429 || status === 403 || status === 451) return 'throttled';
  if (status === 408 || status >= 500 || status < 400) return 'unavailable';
  if (NOT_A_MARKET.includes(code)) return 'unknown_symbol';
  // Above -1100 the exchange speaks of itself, and without a code it was not the exchange that answered.
  return code !== null && code <= -1_100 ? 'refused' : 'unavailable';
}

function meaningOf(status: number): string {
  switch (status) {
    case 403:
      return "the exchange's firewall refuses this address (403)";
    case 418:
      return 'the exchange has banned this address (418)';
    case 429:
      return 'the exchange has had too many requests from this address (429)';
    case 451:
      return 'the exchange does not serve the country of this address (451); ask from elsewhere or by BINANCE_PROXY_URL';
    default:
      return `the exchange answered ${status}`;
  }
}
