/** The columns of the board, in their usual order. Widths are pixels at 13 px text; together they are 1,150. */
export const COLUMN_KEYS = [
  'fav',
  'symbol',
  'mark',
  'oi',
  'usd',
  'd5',
  'd15',
  'd60',
  'd1440',
  'spark',
  'fund',
  'vol',
  'ratio',
  'quad',
  'age',
] as const;
export type ColumnKey = (typeof COLUMN_KEYS)[number];

export type Column = {
  readonly key: ColumnKey;
  readonly label: string;
  readonly width: number;
  readonly align: 'start' | 'end';
  readonly help?: string;
  /** Shown though the window is too narrow for all. */
  readonly essential: boolean;
  /** Nothing of it is sent to Free. */
  readonly pro: boolean;
};

const CHANGE_HELP =
  'Change of contracts (or USD) against the last sample at or before that time. — means not enough history.';

export const COLUMNS: Readonly<Record<ColumnKey, Column>> = {
  fav: column('fav', 'Favourite', 28, { align: 'start' }),
  symbol: column('symbol', 'Symbol', 128, { align: 'start' }),
  mark: column('mark', 'Mark', 100, { help: 'Mark price used for OI in USD.' }),
  oi: column('oi', 'OI', 72, {
    help: 'Outstanding contracts in the base asset, each counted once, as Binance reports them.',
    essential: false,
  }),
  usd: column('usd', 'OI (USD)', 80, { help: 'Contracts × mark price at the same moment.' }),
  d5: column('d5', 'Δ 5m', 74, { help: CHANGE_HELP, pro: true }),
  d15: column('d15', 'Δ 15m', 74, { help: CHANGE_HELP, essential: false, pro: true }),
  d60: column('d60', 'Δ 1h', 74, { help: CHANGE_HELP, pro: true }),
  d1440: column('d1440', 'Δ 24h', 74, { help: CHANGE_HELP, pro: true }),
  spark: column('spark', '24h', 66, { essential: false, pro: true }),
  fund: column('fund', 'Funding', 86, { help: "Last funding rate, per the symbol's own interval." }),
  vol: column('vol', 'Vol 24h', 80, { help: 'Quote volume, refreshed with the liquid universe.' }),
  ratio: column('ratio', 'OI/V', 54, {
    help: 'OI (USD) ÷ 24h volume. High: much held, little traded.',
    essential: false,
  }),
  quad: column('quad', 'Price × OI', 102, {
    align: 'start',
    help: 'What the changes of price and OI in the chosen window suggest. Not order flow.',
    pro: true,
  }),
  age: column('age', 'Age', 58, { help: 'Time since the last sample of this symbol.' }),
};

/** Columns that cannot be hidden: a row without them says nothing. */
export const PINNED: readonly ColumnKey[] = ['fav', 'symbol'];

/** The windows of the change columns, as indexes into `d`, `dUsd` and `p`. */
export const CHANGE_INDEX: Readonly<Partial<Record<ColumnKey, number>>> = { d5: 0, d15: 1, d60: 2, d1440: 3 };

function column(
  key: ColumnKey,
  label: string,
  width: number,
  given: Partial<Pick<Column, 'align' | 'help' | 'essential' | 'pro'>>,
): Column {
  return { key, label, width, align: 'end', essential: true, pro: false, ...given };
}
