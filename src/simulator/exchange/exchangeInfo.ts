import { HOUR_MS } from '../../kit/clock.ts';
import type { SymbolFacts } from '../facts/facts.types.ts';

/**
 * When the answer at `at` was generated: like that of the real exchange, its `serverTime` is 1.1 to 7.1 hours behind,
 * although its list is up to date.
 */
export function generatedAt(at: number): number {
  return Math.floor((at - 1.1 * HOUR_MS) / (6 * HOUR_MS)) * 6 * HOUR_MS;
}

/** Fields that say how to trade carry the commonest real value. */
export function exchangeInfoOf(contracts: readonly SymbolFacts[], serverTime: number) {
  return {
    timezone: 'UTC',
    serverTime,
    futuresType: 'U_MARGINED',
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
    ],
    exchangeFilters: [],
    assets: ['USDT', 'BTC', 'BNB', 'ETH', 'USDC', 'FDUSD', 'USD1', 'U'].map((asset) => ({
      asset,
      marginAvailable: true,
      autoAssetExchange: asset === 'USDT' ? '-10000' : '0',
    })),
    symbols: contracts.filter((facts) => facts.status !== 'CLOSE').map(symbolOf),
  };
}

function symbolOf(facts: SymbolFacts) {
  const step = (10 ** -facts.quantityPrecision).toFixed(facts.quantityPrecision);
  return {
    symbol: facts.symbol,
    pair: facts.pair,
    contractType: facts.contractType,
    deliveryDate: facts.deliveryDate,
    onboardDate: facts.onboardDate,
    status: facts.status,
    maintMarginPercent: '2.5000',
    requiredMarginPercent: '5.0000',
    baseAsset: facts.baseAsset,
    quoteAsset: facts.quoteAsset,
    marginAsset: facts.quoteAsset,
    pricePrecision: facts.pricePrecision,
    quantityPrecision: facts.quantityPrecision,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: facts.underlyingType,
    underlyingSubType: facts.underlyingSubType,
    triggerProtect: '0.1500',
    liquidationFee: '0.015000',
    marketTakeBound: '0.15',
    maxMoveOrderLimit: 10_000,
    filters: [
      {
        filterType: 'PRICE_FILTER',
        minPrice: facts.tickSize,
        maxPrice: (facts.price * 100).toFixed(facts.pricePrecision),
        tickSize: facts.tickSize,
      },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: '10000000', stepSize: step },
      { filterType: 'MARKET_LOT_SIZE', minQty: step, maxQty: '1000000', stepSize: step },
      { filterType: 'MAX_NUM_ORDERS', limit: 200 },
      { filterType: 'MIN_NOTIONAL', notional: '5' },
      {
        filterType: 'PERCENT_PRICE',
        multiplierUp: '1.1500',
        multiplierDown: '0.8500',
        multiplierDecimal: '4',
      },
      { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE' },
    ],
    orderTypes: ORDER_TYPES,
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
    permissionSets: ['GRID', 'COPY', 'DCA', 'PSB'],
  };
}

const ORDER_TYPES = [
  'LIMIT',
  'MARKET',
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
];
