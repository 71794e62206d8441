/** `CLOSE` contracts are no longer in exchangeInfo, but still in premiumIndex. */
type ContractStatus = 'TRADING' | 'PENDING_TRADING' | 'SETTLING' | 'CLOSE';

type ContractType = 'PERPETUAL' | 'TRADIFI_PERPETUAL' | 'CURRENT_QUARTER' | 'NEXT_QUARTER';

/** A contract's constants. */
export type SymbolFacts = {
  symbol: string;
  /** Perpetuals: the symbol itself; quarterlies: the symbol without its date. */
  pair: string;
  baseAsset: string;
  quoteAsset: string;
  contractType: ContractType;
  status: ContractStatus;
  underlyingType: string;
  underlyingSubType: readonly string[];
  /** Epoch ms. */
  onboardDate: number;
  /** Epoch ms; `PERPETUAL_DELIVERY_DATE` for a perpetual without planned delisting. */
  deliveryDate: number;
  pricePrecision: number;
  quantityPrecision: number;
  /** As the exchange spells it, with its trailing zeros: `0.0000100`. */
  tickSize: string;
  fundingIntervalHours: number;
  /** The level the market returns to, in the quote asset. */
  price: number;
  /** Contracts (units of the base asset) the market returns to. */
  openInterest: number;
  /** In the quote asset. */
  quoteVolume24h: number;
  /** Coins in circulation, of which a contract may be thousands; `null`: what it is on has none. */
  circulatingSupply: number | null;
};

/**
 * Contracts that share everything but a row. One line a contract, blanks between:
 *
 *     base  onboarded  price  pricePrecision  quantityPrecision  tickSize  fundingHours  openInterest  volume  tags
 *
 * Times are UTC. Open interest and 24 h volume are in thousands of the quote asset. The tags (`underlyingSubType`)
 * are the rest of the line, split at commas. Settled contracts have their delivery date in place of open interest
 * and volume.
 *
 * Names, dates, precisions, prices and funding intervals are those the exchange published on 2026-07-03 (exchangeInfo,
 * premiumIndex, fundingInfo). Open interest and volume are plausible figures, not quotes: the exchange publishes the
 * former one symbol at a time, so they fall off with rank from the 8.1 billion and 13.3 billion seen for BTCUSDT.
 */
export type FactSection = {
  contractType: ContractType;
  status: ContractStatus;
  quoteAsset: string;
  underlyingType: string;
  rows: string;
};

/** What exchangeInfo shows for a contract without an end: 2100-12-25T08:00Z. */
export const PERPETUAL_DELIVERY_DATE = 4_133_404_800_000;
