import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { invalidParameter, invalidSymbol, missingParameter, ok, type Answer } from './answers.ts';
import type { Market } from '../market/market.ts';
import type { EndpointQuery } from './query.types.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';

const PERIODS: Readonly<Record<string, number>> = {
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '1d': DAY_MS,
};

const RETENTION_MS = 30 * DAY_MS;
/** A point is published some seconds after its time. */
const PUBLISHED_AFTER_MS = 10 * SECOND_MS;

/**
 * `/futures/data`: at most `limit` (30, up to 500) rows at whole multiples of the period, oldest first. The range is
 * anchored at its end: of more rows than the limit, the oldest are left out.
 */
export function answerHistory(
  market: Market,
  query: EndpointQuery,
  at: number,
  rowOf: (facts: SymbolFacts, mark: number, periodMs: number) => object,
): Answer {
  if (!query.symbol) return missingParameter('symbol');
  if (!query.period) return missingParameter('period');
  const periodMs = PERIODS[query.period];
  if (periodMs === undefined) return invalidParameter('period');
  const limit = parseWhole(query.limit, 30);
  if (limit === null || limit < 1 || limit > 500) return invalidParameter('limit');
  const oldest = at - RETENTION_MS;
  const startTime = parseWhole(query.startTime, oldest);
  if (startTime === null || startTime < oldest) return invalidParameter('startTime');
  const endTime = parseWhole(query.endTime, at);
  if (endTime === null || endTime < startTime) return invalidParameter('endTime');
  const facts = market.selectOptionalContract(query.symbol);
  if (!facts || facts.status === 'CLOSE') return invalidSymbol();

  const from = Math.max(startTime, facts.onboardDate);
  const until = Math.min(endTime, at - PUBLISHED_AFTER_MS, facts.deliveryDate);
  const marks: number[] = [];
  for (let mark = until - (until % periodMs); mark >= from && marks.length < limit; mark -= periodMs) {
    marks.push(mark);
  }
  return ok(marks.toReversed().map((mark) => rowOf(facts, mark, periodMs)));
}

function parseWhole(text: string | undefined, absent: number): number | null {
  if (text === undefined) return absent;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
