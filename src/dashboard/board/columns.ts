import type { Window } from '../../openInterest/board/windows.shared.ts';

/** Of which figure changes are shown: contracts by default, because USD moves with the price alone. */
export type ChangeUnit = 'contracts' | 'usd';

/** The columns of the board, in their usual order. */
export const COLUMN_KEYS = [
  'fav',
  'symbol',
  'mark',
  'oi',
  'usd',
  'd5',
  'd15',
  'd30',
  'd60',
  'd240',
  'd1440',
  'p5',
  'p15',
  'p30',
  'p60',
  'p240',
  'p1440',
  'u5',
  'u15',
  'u30',
  'u60',
  'u240',
  'u1440',
  'unusual',
  'spark',
  'quad',
  'fund',
  'fund8',
  'fundYear',
  'vol',
  'ratio',
  'cap',
  'sector',
  'age',
] as const;
export type ColumnKey = (typeof COLUMN_KEYS)[number];

export type Column = {
  readonly key: ColumnKey;
  readonly label: string;
  /** Pixels at 13 px text. */
  readonly width: number;
  readonly align: 'start' | 'end';
  /** Nothing of it is sent to Free. */
  readonly pro: boolean;
};

export const COLUMNS: Readonly<Record<ColumnKey, Column>> = {
  fav: column('fav', 'Favourite', 28, { align: 'start' }),
  symbol: column('symbol', 'Symbol', 128, { align: 'start' }),
  mark: column('mark', 'Mark', 100),
  oi: column('oi', 'OI', 72),
  usd: column('usd', 'OI (USD)', 80),
  d5: column('d5', 'Δ 5m', 74, { pro: true }),
  d15: column('d15', 'Δ 15m', 74, { pro: true }),
  d30: column('d30', 'Δ 30m', 74, { pro: true }),
  d60: column('d60', 'Δ 1h', 74, { pro: true }),
  d240: column('d240', 'Δ 4h', 74, { pro: true }),
  d1440: column('d1440', 'Δ 24h', 74, { pro: true }),
  p5: column('p5', 'Price 5m', 78, { pro: true }),
  p15: column('p15', 'Price 15m', 82, { pro: true }),
  p30: column('p30', 'Price 30m', 82, { pro: true }),
  p60: column('p60', 'Price 1h', 78, { pro: true }),
  p240: column('p240', 'Price 4h', 82, { pro: true }),
  p1440: column('p1440', 'Price 24h', 82, { pro: true }),
  u5: column('u5', 'ΔUSD 5m', 88, { pro: true }),
  u15: column('u15', 'ΔUSD 15m', 88, { pro: true }),
  u30: column('u30', 'ΔUSD 30m', 88, { pro: true }),
  u60: column('u60', 'ΔUSD 1h', 88, { pro: true }),
  u240: column('u240', 'ΔUSD 4h', 88, { pro: true }),
  u1440: column('u1440', 'ΔUSD 24h', 88, { pro: true }),
  unusual: column('unusual', 'Unusual 1h', 88, { pro: true }),
  spark: column('spark', '24h', 66, { pro: true }),
  quad: column('quad', 'Price × OI', 98, { align: 'start', pro: true }),
  fund: column('fund', 'Funding', 94),
  fund8: column('fund8', 'Funding 8h', 92),
  fundYear: column('fundYear', 'Funding 1y', 88),
  vol: column('vol', 'Vol 24h', 78),
  ratio: column('ratio', 'OI/V', 54),
  cap: column('cap', 'OI/Cap', 64),
  sector: column('sector', 'Sector', 104, { align: 'start' }),
  age: column('age', 'Age', 56),
};

/** Columns that cannot be hidden: a row without them says nothing. */
export const PINNED: readonly ColumnKey[] = ['fav', 'symbol'];

/** Shown unless columns are chosen, as far as there is room: the most valuable first. All are 1,150 px with the pinned ones. */
export const USUAL: readonly ColumnKey[] = [
  'usd',
  'd60',
  'quad',
  'd5',
  'd1440',
  'fund',
  'mark',
  'vol',
  'age',
  'd15',
  'oi',
  'spark',
  'ratio',
];

export function widthOf(columns: readonly ColumnKey[]): number {
  return columns.reduce((sum, key) => sum + COLUMNS[key].width, 0);
}

/** What a column shows the change of: open interest in the chosen unit, the mark price, or open interest as an amount. */
type Measure = 'oi' | 'price' | 'amount';
export type ChangeColumn = {
  readonly measure: Measure;
  readonly window: Window;
};

/** The columns of a change. */
export const CHANGES = {
  d5: { measure: 'oi', window: '5m' },
  d15: { measure: 'oi', window: '15m' },
  d30: { measure: 'oi', window: '30m' },
  d60: { measure: 'oi', window: '1h' },
  d240: { measure: 'oi', window: '4h' },
  d1440: { measure: 'oi', window: '24h' },
  p5: { measure: 'price', window: '5m' },
  p15: { measure: 'price', window: '15m' },
  p30: { measure: 'price', window: '30m' },
  p60: { measure: 'price', window: '1h' },
  p240: { measure: 'price', window: '4h' },
  p1440: { measure: 'price', window: '24h' },
  u5: { measure: 'amount', window: '5m' },
  u15: { measure: 'amount', window: '15m' },
  u30: { measure: 'amount', window: '30m' },
  u60: { measure: 'amount', window: '1h' },
  u240: { measure: 'amount', window: '4h' },
  u1440: { measure: 'amount', window: '24h' },
} as const satisfies Partial<Record<ColumnKey, ChangeColumn>>;
type ChangeKey = keyof typeof CHANGES;

export function isChange(key: ColumnKey): key is ChangeKey {
  return Object.hasOwn(CHANGES, key);
}

function column(
  key: ColumnKey,
  label: string,
  width: number,
  given: Partial<Pick<Column, 'align' | 'pro'>> = {},
): Column {
  return { key, label, width, align: 'end', pro: false, ...given };
}
