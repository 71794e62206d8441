import { NotFoundError } from '../../kit/errors.ts';
import { PERPETUAL_DELIVERY_DATE, type SymbolFacts } from '../facts/facts.types.ts';
import { drawAt, noiseStream } from './noise.ts';

/** What distinguishes a contract's path from others. */
export type Traits = {
  priceStream: number;
  openInterestStream: number;
  fundingStream: number;
  volumeStream: number;
  positioningStream: number;
  forcedOrderStream: number;
  /** Scales the market's noise: 0.6 for the calmest contract, 1.3 for the wildest. */
  volatility: number;
  /** The share of open interest's noise that is the price's noise: what correlates the two. */
  priceShare: number;
};

export type Contract = { facts: SymbolFacts; traits: Traits };

export type ContractBook = ReturnType<typeof createContractBook>;

/** Which contracts there are. `at` is the simulated moment (epoch ms) of a listing or delisting. */
export function createContractBook(options: { facts: readonly SymbolFacts[]; seed: number }) {
  const { facts, seed } = options;
  const contracts = new Map<string, Contract>();
  let listed: readonly SymbolFacts[] | null = null;
  for (const it of facts) put(it);

  function put(it: SymbolFacts): void {
    contracts.set(it.symbol, { facts: it, traits: traitsOf(it, seed) });
    listed = null;
  }

  function selectContract(symbol: string): Contract {
    const contract = contracts.get(symbol);
    if (!contract) throw new NotFoundError(`the simulated exchange has no contract ${symbol}`);
    return contract;
  }

  return {
    /** The same array until a listing or delisting changes it. */
    all(): readonly SymbolFacts[] {
      listed ??= [...contracts.values()].map((contract) => contract.facts);
      return listed;
    },
    selectContract,
    selectOptionalContract: (symbol: string) => contracts.get(symbol) ?? null,
    /** False when the contract trades already. */
    list(symbol: string, at: number): boolean {
      const known = contracts.get(symbol)?.facts;
      if (known?.status === 'TRADING') return false;
      put(listing(known ?? newcomer(symbol, at, seed), at));
      return true;
    },
    /** False when the contract does not trade. */
    delist(symbol: string, at: number): boolean {
      const known = contracts.get(symbol)?.facts;
      if (known?.status !== 'TRADING') return false;
      put({ ...known, status: 'SETTLING', deliveryDate: at });
      return true;
    },
  };
}

/** Enough volume to enter a liquid universe. */
const LISTING_USD = 30e6;

function listing(facts: SymbolFacts, at: number): SymbolFacts {
  return {
    ...facts,
    status: 'TRADING',
    onboardDate: at,
    deliveryDate: PERPETUAL_DELIVERY_DATE,
    openInterest: facts.openInterest || LISTING_USD / facts.price,
    quoteVolume24h: facts.quoteVolume24h || LISTING_USD,
  };
}

function newcomer(symbol: string, at: number, seed: number): SymbolFacts {
  const quoteAsset = symbol.endsWith('USDC') ? 'USDC' : 'USDT';
  return {
    symbol,
    pair: symbol,
    baseAsset: symbol.endsWith(quoteAsset) ? symbol.slice(0, -quoteAsset.length) : symbol,
    quoteAsset,
    contractType: 'PERPETUAL',
    status: 'TRADING',
    underlyingType: 'COIN',
    underlyingSubType: [],
    onboardDate: at,
    deliveryDate: PERPETUAL_DELIVERY_DATE,
    pricePrecision: 5,
    quantityPrecision: 0,
    tickSize: '0.00010',
    fundingIntervalHours: 4,
    price: 0.1 * 100 ** drawAt(noiseStream(seed, symbol), 0),
    openInterest: 0,
    quoteVolume24h: 0,
    circulatingSupply: null,
  };
}

function traitsOf({ symbol, baseAsset }: SymbolFacts, seed: number): Traits {
  return {
    // By the asset: BTCUSDT, BTCUSDC and the quarterlies are prices of the same thing.
    priceStream: noiseStream(seed, `price ${baseAsset}`),
    volatility: 0.6 + 0.7 * drawAt(noiseStream(seed, `volatility ${baseAsset}`), 0),
    openInterestStream: noiseStream(seed, `open interest ${symbol}`),
    fundingStream: noiseStream(seed, `funding ${symbol}`),
    volumeStream: noiseStream(seed, `volume ${symbol}`),
    positioningStream: noiseStream(seed, `positioning ${symbol}`),
    forcedOrderStream: noiseStream(seed, `forced orders ${symbol}`),
    priceShare: 0.35 + 0.35 * drawAt(noiseStream(seed, `price share ${symbol}`), 0),
  };
}
