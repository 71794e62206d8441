import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import type { Contract } from './contracts.ts';
import { drawAt, octaveNoise, type Octave } from './noise.ts';

/** Whose long and short are counted. */
export type Crowd = 'topPositions' | 'topAccounts' | 'accounts';

/** What positioning follows. Times are simulated epoch ms. */
export type PositioningInputs = {
  contract: Contract;
  priceAt: (at: number) => number;
  openInterestAt: (at: number) => number;
  quoteVolume24hAt: (at: number) => number;
};

/** One forced order, completely filled. */
export type ForcedOrder = { side: 'BUY' | 'SELL'; quantity: number; price: number; averagePrice: number };

const SHARE_OCTAVES: readonly Octave[] = [
  { periodMs: 24 * HOUR_MS, amplitude: 0.06 },
  { periodMs: 6 * HOUR_MS, amplitude: 0.03 },
  { periodMs: HOUR_MS, amplitude: 0.01 },
  { periodMs: HOUR_MS / 6, amplitude: 0.003 },
];
const FLOW_OCTAVES: readonly Octave[] = [
  { periodMs: HOUR_MS, amplitude: 0.05 },
  { periodMs: HOUR_MS / 6, amplitude: 0.04 },
];
const BURST_OCTAVES: readonly Octave[] = [{ periodMs: HOUR_MS / 4, amplitude: 0.5 }];

/** Top traders follow the price, the mass of accounts buys what has fallen. */
const CROWDS: Readonly<Record<Crowd, { stream: number; level: number; follows: number }>> = {
  topPositions: { stream: 0, level: 0.52, follows: 0.4 },
  topAccounts: { stream: 16, level: 0.56, follows: 0.2 },
  accounts: { stream: 32, level: 0.6, follows: -0.9 },
};

/** The share of a crowd that is long, 0.1 to 0.9. */
export function longShareAt({ contract, priceAt }: PositioningInputs, crowd: Crowd, at: number): number {
  const { stream, level, follows } = CROWDS[crowd];
  const { positioningStream } = contract.traits;
  const own = octaveNoise(positioningStream + stream, at, SHARE_OCTAVES);
  const leaning = 0.1 * (drawAt(positioningStream + stream, -1) - 0.5);
  const followed = follows * Math.log(priceAt(at) / contract.facts.price);
  return within(0.1, level + leaning + own + followed, 0.9);
}

/** Contracts that takers bought and sold in the period that ends at `at`. */
export function takerVolumeAt(
  { contract, priceAt, quoteVolume24hAt }: PositioningInputs,
  at: number,
  periodMs: number,
): { bought: number; sold: number } {
  const { positioningStream } = contract.traits;
  const burst = Math.exp(octaveNoise(positioningStream + 48, at, BURST_OCTAVES));
  const volume = (quoteVolume24hAt(at) / priceAt(at)) * (periodMs / DAY_MS) * burst;
  const pushed = within(-0.2, 12 * Math.log(priceAt(at) / priceAt(at - periodMs)), 0.2);
  const share = 0.5 + pushed + octaveNoise(positioningStream + 64, at, FLOW_OCTAVES);
  return { bought: volume * share, sold: volume * (1 - share) };
}

/** Forced orders a second of a contract whose price has not moved, and at the most. */
const CALM_RATE = 0.0015;
const LARGEST_RATE = 0.06;

/**
 * The forced order of a contract in the second that begins at `second`; `null`: none. The exchange publishes at most one a
 * second and contract. A price that has moved forces the side that it moved against.
 */
export function forcedOrderAt(inputs: PositioningInputs, second: number): ForcedOrder | null {
  const { contract, priceAt, openInterestAt } = inputs;
  const { forcedOrderStream: stream } = contract.traits;
  const index = 4 * Math.floor(second / SECOND_MS);
  const chance = drawAt(stream, index);
  if (chance >= LARGEST_RATE) return null;
  const price = priceAt(second);
  const move = Math.log(price / priceAt(second - 5 * MINUTE_MS));
  const rate = Math.min(LARGEST_RATE, CALM_RATE * (1 + (Math.abs(move) / 0.002) ** 2));
  if (chance >= rate) return null;
  const side = drawAt(stream, index + 1) < within(0.05, 0.5 - 60 * move, 0.95) ? 'SELL' : 'BUY';
  const share = 10 ** (-6.5 + 3 * drawAt(stream, index + 2) ** 2);
  const smallest = 10 ** -contract.facts.quantityPrecision;
  const slippage = 0.002 * drawAt(stream, index + 3);
  return {
    side,
    quantity: Math.max(smallest, openInterestAt(second) * share),
    // A forced order's limit is the bankruptcy price, beyond what it is filled at.
    price: price * (side === 'SELL' ? 0.99 : 1.01),
    averagePrice: price * (side === 'SELL' ? 1 - slippage : 1 + slippage),
  };
}

function within(low: number, value: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
