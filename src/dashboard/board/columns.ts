import type { Window } from '../../openInterest/board/windows.shared.ts';

/** Of which figure changes are shown: contracts by default, because USD moves with the price alone. */
export type ChangeUnit = 'contracts' | 'usd';

/** What a row may lack. */
export type DataKind = 'funding' | 'volume' | 'supply' | 'sectors';

export type Column = {
  readonly label: string;
  /** Pixels at 13 px text. */
  readonly width: number;
  readonly align: 'start' | 'end';
  /** Nothing of it is sent to Free. */
  readonly pro: boolean;
  /** It is shown if a row has this. */
  readonly needs?: DataKind;
};

/** What a column shows the change of: open interest in the chosen unit, the mark price, or open interest as an amount. */
const MEASURES = { oi: 'Δ', price: 'Price', amount: 'ΔUSD' } as const;
export type ChangeColumn = { readonly measure: keyof typeof MEASURES; readonly window: Window };

/** The columns of the board, in their usual order. */
export const COLUMNS = {
  fav: column('Favourite', 28, { align: 'start' }),
  symbol: column('Symbol', 128, { align: 'start' }),
  mark: column('Mark', 100),
  oi: column('OI', 72),
  usd: column('OI (USD)', 80),
  d5: change('oi', '5m', 74),
  d15: change('oi', '15m', 74),
  d30: change('oi', '30m', 74),
  d60: change('oi', '1h', 74),
  d240: change('oi', '4h', 74),
  d1440: change('oi', '24h', 74),
  p5: change('price', '5m', 78),
  p15: change('price', '15m', 82),
  p30: change('price', '30m', 82),
  p60: change('price', '1h', 78),
  p240: change('price', '4h', 82),
  p1440: change('price', '24h', 82),
  u5: change('amount', '5m', 88),
  u15: change('amount', '15m', 88),
  u30: change('amount', '30m', 88),
  u60: change('amount', '1h', 88),
  u240: change('amount', '4h', 88),
  u1440: change('amount', '24h', 88),
  unusual: column('Unusual 1h', 88, { pro: true }),
  spark: column('24h', 66, { pro: true }),
  quad: column('Price × OI', 98, { align: 'start', pro: true }),
  fund: column('Funding', 94, { needs: 'funding' }),
  fund8: column('Funding 8h', 92, { needs: 'funding' }),
  fundYear: column('Funding 1y', 88, { needs: 'funding' }),
  vol: column('Vol 24h', 78, { needs: 'volume' }),
  ratio: column('OI/V', 54, { needs: 'volume' }),
  cap: column('OI/Cap', 64, { needs: 'supply' }),
  sector: column('Sector', 104, { align: 'start', needs: 'sectors' }),
  age: column('Age', 56),
};
export type ColumnKey = keyof typeof COLUMNS;
export const COLUMN_KEYS = Object.keys(COLUMNS) as [ColumnKey, ...ColumnKey[]];

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

/** The columns of a change. */
export type ChangeKey = Extract<ColumnKey, `${'d' | 'p' | 'u'}${number}`>;

export function isChange(key: ColumnKey): key is ChangeKey {
  return 'change' in COLUMNS[key];
}

function column(label: string, width: number, given: Partial<Column> = {}): Column {
  return { label, width, align: 'end', pro: false, ...given };
}

function change(measure: ChangeColumn['measure'], window: Window, width: number) {
  const shown: ChangeColumn = { measure, window };
  return { ...column(`${MEASURES[measure]} ${window}`, width, { pro: true }), change: shown };
}
