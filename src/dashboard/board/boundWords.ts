import { formatPlain, formatUsd } from '../../kit/format.shared.ts';
import type { BoundKey } from './bounds.ts';

type BoundWords = {
  /** Of its field. */
  readonly label: string;
  /** On the button that removes it. */
  readonly chip: (value: number, window: string) => string;
  /** Free boards have no changes. */
  readonly ofChanges?: true;
};

export const BOUND_WORDS: Readonly<Record<BoundKey, BoundWords>> = {
  minUsd: { label: 'Minimum OI, USD', chip: (it) => `OI ≥ ${formatUsd(it)}` },
  minVolume: { label: 'Minimum 24h volume, USD', chip: (it) => `Volume ≥ ${formatUsd(it)}` },
  minChange: {
    label: 'Minimum change, %, up or down',
    chip: (it, window) => `|Δ ${window}| ≥ ${formatPlain(it)}%`,
    ofChanges: true,
  },
  minPrice: {
    label: 'Minimum price change, %, up or down',
    chip: (it, window) => `|Price ${window}| ≥ ${formatPlain(it)}%`,
    ofChanges: true,
  },
  minUnusual: {
    label: 'Minimum unusual score of 1h, up or down',
    chip: (it) => `|Unusual 1h| ≥ ${formatPlain(it)}`,
    ofChanges: true,
  },
  minFunding: {
    label: 'Minimum funding in 8h, %, paid or received',
    chip: (it) => `|Funding 8h| ≥ ${formatPlain(it)}%`,
  },
  minRatio: { label: 'Minimum OI/V', chip: (it) => `OI/V ≥ ${formatPlain(it)}` },
  minCap: { label: 'Minimum OI of market cap, %', chip: (it) => `OI/Cap ≥ ${formatPlain(it)}%` },
  maxAge: { label: 'Maximum age, seconds', chip: (it) => `Age ≤ ${formatPlain(it)}s` },
};
