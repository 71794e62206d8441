import { invalidSymbol, missingParameter, notTrading, ok, refusal, type Answer } from './answers.ts';
import { exchangeInfoOf, generatedAt } from './exchangeInfo.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';
import { answerHistory } from './history.ts';
import type { Market } from '../market/market.ts';
import type { Crowd } from '../market/positioning.ts';
import type { EndpointQuery } from './query.types.ts';
import { longShortRow, takerRow } from './positioning.ts';
import { openInterestHistoryRow, openInterestRow, premiumIndexRow, tickerRow } from './rows.ts';
import type { Pool } from '../faults/stats.types.ts';

type Row = Parameters<typeof answerHistory>[3];

export type Endpoint = {
  pool: Pool;
  /** A request for all symbols costs more. */
  costOf(query: EndpointQuery): number;
  /** `at` is the exchange's own time, epoch ms. */
  answer(query: EndpointQuery, at: number): Answer;
};

/** The endpoints of the simulated exchange, by path. All are GET. */
export function createEndpoints(options: {
  market: Market;
  /** Contracts that premiumIndex is to leave out at this moment. */
  withoutMarkPrice: () => readonly string[];
}): ReadonlyMap<string, Endpoint> {
  const { market, withoutMarkPrice } = options;
  const exchangeInfo = createExchangeInfo(market);
  return new Map<string, Endpoint>([
    ['/fapi/v1/ping', weighing(1, () => ok({}))],
    ['/fapi/v1/time', weighing(1, (_, at) => ok({ serverTime: at }))],
    // A symbol parameter changes nothing, as with the real exchange.
    ['/fapi/v1/exchangeInfo', weighing(1, (_, at) => exchangeInfo(at))],
    [
      '/fapi/v1/ticker/24hr',
      oneOrAll(market, 40, {
        includes: (facts) => facts.status === 'TRADING',
        otherwise: notTrading,
        rowOf: (facts, at) => tickerRow(market, facts, at),
      }),
    ],
    [
      '/fapi/v1/premiumIndex',
      oneOrAll(market, 10, {
        includes: (facts) => !withoutMarkPrice().includes(facts.symbol),
        otherwise: invalidSymbol,
        rowOf: (facts, at) => premiumIndexRow(market, facts, at),
      }),
    ],
    [
      '/fapi/v1/openInterest',
      weighing(1, ({ symbol }, at) => {
        if (!symbol) return missingParameter('symbol');
        const facts = market.selectOptionalContract(symbol);
        if (!facts) return invalidSymbol();
        return facts.status === 'TRADING' ? ok(openInterestRow(market, facts, at)) : notTrading();
      }),
    ],
    [
      '/fapi/v1/fundingInfo',
      { pool: 'fundingInfo', costOf: () => 1, answer: () => ok(fundingInfoOf(market)) },
    ],
    ...futuresData(market),
  ]);
}

/** The five-minute data, which has a limit of its own. */
function futuresData(market: Market): [string, Endpoint][] {
  const crowd =
    (name: Crowd): Row =>
    (facts, mark) =>
      longShortRow(market, name, facts, mark);
  const rows: Readonly<Record<string, Row>> = {
    openInterestHist: (facts, mark) => openInterestHistoryRow(market, facts, mark),
    topLongShortPositionRatio: crowd('topPositions'),
    topLongShortAccountRatio: crowd('topAccounts'),
    globalLongShortAccountRatio: crowd('accounts'),
    takerlongshortRatio: (facts, mark, periodMs) => takerRow(market, facts, mark, periodMs),
  };
  return Object.entries(rows).map(([name, rowOf]) => [
    `/futures/data/${name}`,
    { pool: 'futuresData', costOf: () => 1, answer: (query, at) => answerHistory(market, query, at, rowOf) },
  ]);
}

function weighing(weight: number, answer: Endpoint['answer']): Endpoint {
  return { pool: 'requestWeight', costOf: () => weight, answer };
}

function oneOrAll(
  market: Market,
  weightOfAll: number,
  rows: {
    includes(facts: SymbolFacts): boolean;
    otherwise(): Answer;
    rowOf(facts: SymbolFacts, at: number): object;
  },
): Endpoint {
  return {
    pool: 'requestWeight',
    costOf: ({ symbol }) => (symbol === undefined ? weightOfAll : 1),
    answer({ symbol }, at) {
      if (symbol === '') return refusal(400, -1105, "Parameter 'symbol' was empty.");
      if (symbol === undefined) {
        const included = market.contracts().filter((facts) => rows.includes(facts));
        return ok(included.map((facts) => rows.rowOf(facts, at)));
      }
      const facts = market.selectOptionalContract(symbol);
      if (!facts) return invalidSymbol();
      return rows.includes(facts) ? ok(rows.rowOf(facts, at)) : rows.otherwise();
    },
  };
}

/** A megabyte, rebuilt only when its contracts or its time of generation have changed. */
function createExchangeInfo(market: Market): (at: number) => Answer {
  let built: { contracts: readonly SymbolFacts[]; serverTime: number; answer: Answer } | undefined;
  return (at) => {
    const contracts = market.contracts();
    const serverTime = generatedAt(at);
    if (built?.contracts !== contracts || built.serverTime !== serverTime) {
      built = { contracts, serverTime, answer: ok(exchangeInfoOf(contracts, serverTime)) };
    }
    return built.answer;
  };
}

function fundingInfoOf(market: Market) {
  return market
    .contracts()
    .filter((facts) => facts.status === 'TRADING' && facts.contractType.endsWith('PERPETUAL'))
    .map((facts) => ({
      symbol: facts.symbol,
      adjustedFundingRateCap: '0.02000000',
      adjustedFundingRateFloor: '-0.02000000',
      fundingIntervalHours: facts.fundingIntervalHours,
      disclaimer: false,
      updateTime: facts.onboardDate,
    }));
}
