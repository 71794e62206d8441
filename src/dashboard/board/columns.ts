/**
 * The columns of the board, in their usual order. Widths are pixels at 13 px text; those that a wide window shows are
 * 1,150 together.
 */
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
  'p5',
  'p15',
  'p60',
  'p1440',
  'u5',
  'u15',
  'u60',
  'u1440',
  'spark',
  'fund',
  'fund8',
  'fundYear',
  'vol',
  'ratio',
  'cap',
  'sector',
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
  /** In which window it is shown unless columns are chosen: any, a wide one, or none. */
  readonly shownIn: 'any' | 'wide' | 'none';
  /** Nothing of it is sent to Free. */
  readonly pro: boolean;
};

const CHANGE_HELP =
  'Change of contracts (or USD) against the last sample at or before that time. — means not enough history.';
const PRICE_HELP = 'Change of the mark price over the same time as the change of open interest.';
const AMOUNT_HELP =
  'Change of OI in USD, to a basis point of OI: what was opened or closed, at today’s price and by it.';

export const COLUMNS: Readonly<Record<ColumnKey, Column>> = {
  fav: column('fav', 'Favourite', 28, { align: 'start' }),
  symbol: column('symbol', 'Symbol', 128, { align: 'start' }),
  mark: column('mark', 'Mark', 100, { help: 'Mark price used for OI in USD.' }),
  oi: column('oi', 'OI', 72, {
    help: 'Outstanding contracts in the base asset, each counted once, as Binance reports them.',
    shownIn: 'wide',
  }),
  usd: column('usd', 'OI (USD)', 80, { help: 'Contracts × mark price at the same moment.' }),
  d5: column('d5', 'Δ 5m', 74, { help: CHANGE_HELP, pro: true }),
  d15: column('d15', 'Δ 15m', 74, { help: CHANGE_HELP, shownIn: 'wide', pro: true }),
  d60: column('d60', 'Δ 1h', 74, { help: CHANGE_HELP, pro: true }),
  d1440: column('d1440', 'Δ 24h', 74, { help: CHANGE_HELP, pro: true }),
  p5: column('p5', 'Price 5m', 78, { help: PRICE_HELP, shownIn: 'none', pro: true }),
  p15: column('p15', 'Price 15m', 82, { help: PRICE_HELP, shownIn: 'none', pro: true }),
  p60: column('p60', 'Price 1h', 78, { help: PRICE_HELP, shownIn: 'none', pro: true }),
  p1440: column('p1440', 'Price 24h', 82, { help: PRICE_HELP, shownIn: 'none', pro: true }),
  u5: column('u5', 'ΔUSD 5m', 88, { help: AMOUNT_HELP, shownIn: 'none', pro: true }),
  u15: column('u15', 'ΔUSD 15m', 88, { help: AMOUNT_HELP, shownIn: 'none', pro: true }),
  u60: column('u60', 'ΔUSD 1h', 88, { help: AMOUNT_HELP, shownIn: 'none', pro: true }),
  u1440: column('u1440', 'ΔUSD 24h', 88, { help: AMOUNT_HELP, shownIn: 'none', pro: true }),
  spark: column('spark', '24h', 66, { shownIn: 'wide', pro: true }),
  fund: column('fund', 'Funding', 86, { help: "Last funding rate, per the symbol's own interval." }),
  fund8: column('fund8', 'Funding 8h', 92, {
    help: 'Funding rate in 8 hours, so that symbols of different intervals compare.',
    shownIn: 'none',
  }),
  fundYear: column('fundYear', 'Funding 1y', 88, {
    help: 'Funding rate in a year, without compounding.',
    shownIn: 'none',
  }),
  vol: column('vol', 'Vol 24h', 80, { help: 'Quote volume, refreshed with the liquid universe.' }),
  ratio: column('ratio', 'OI/V', 54, {
    help: 'OI (USD) ÷ 24h volume. High: much held, little traded.',
    shownIn: 'wide',
  }),
  cap: column('cap', 'OI/Cap', 64, {
    help: 'OI ÷ market cap, by the circulating supply that Binance reports.',
    shownIn: 'none',
  }),
  sector: column('sector', 'Sector', 104, {
    align: 'start',
    help: 'What the contract is on, as Binance sorts it.',
    shownIn: 'none',
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

/** What a column shows the change of: open interest in the chosen unit, the mark price, or open interest as an amount. */
type Measure = 'oi' | 'price' | 'amount';
export type ChangeColumn = {
  readonly measure: Measure;
  /** Into `d`, `dUsd` and `p`. */ readonly index: number;
};

/** The columns of a change. */
export const CHANGES = {
  d5: { measure: 'oi', index: 0 },
  d15: { measure: 'oi', index: 1 },
  d60: { measure: 'oi', index: 2 },
  d1440: { measure: 'oi', index: 3 },
  p5: { measure: 'price', index: 0 },
  p15: { measure: 'price', index: 1 },
  p60: { measure: 'price', index: 2 },
  p1440: { measure: 'price', index: 3 },
  u5: { measure: 'amount', index: 0 },
  u15: { measure: 'amount', index: 1 },
  u60: { measure: 'amount', index: 2 },
  u1440: { measure: 'amount', index: 3 },
} as const satisfies Partial<Record<ColumnKey, ChangeColumn>>;
type ChangeKey = keyof typeof CHANGES;

export function isChange(key: ColumnKey): key is ChangeKey {
  return Object.hasOwn(CHANGES, key);
}

function column(
  key: ColumnKey,
  label: string,
  width: number,
  given: Partial<Pick<Column, 'align' | 'help' | 'shownIn' | 'pro'>>,
): Column {
  return { key, label, width, align: 'end', shownIn: 'any', pro: false, ...given };
}
