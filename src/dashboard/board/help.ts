import { COLUMNS, isChange, type ChangeKey, type ColumnKey } from './columns.ts';

const CHANGE_HELP = {
  oi: 'Change of OI over that time, in contracts or in USD (Settings). — is too little history.',
  price: 'Change of the mark price over that time.',
  amount: 'Change of OI (USD) over that time as an amount. It moves with the price, too.',
} as const;

type OwnHelp = Exclude<ColumnKey, ChangeKey>;

/** What each column means, in a line: hints of the heads, the list of the first visit and the dialog. */
const OWN_HELP: Readonly<Record<OwnHelp, string>> = {
  fav: 'Your favourites. The star in the head lists them first.',
  symbol: 'The perpetual contract. A click or Enter opens its details.',
  mark: 'Mark price used for OI in USD.',
  oi: 'Outstanding contracts in the base asset, each counted once, as Binance reports them.',
  usd: 'Contracts × mark price at the same moment.',
  unusual: 'Change of contracts in 1h, in usual deviations of this symbol in its last 7 days.',
  spark: 'OI of the last 24 hours.',
  fund: 'Last funding rate, per 8h unless another interval is named. Above 0, longs pay shorts.',
  fund8: 'Funding rate in 8 hours, so that symbols of different intervals compare.',
  fundYear: 'Funding rate in a year, without compounding.',
  vol: 'Volume of 24 hours in USD, refreshed with the liquid universe.',
  ratio: 'OI (USD) ÷ 24h volume. High: much is open, little is traded.',
  cap: 'OI ÷ market cap, by the circulating supply that Binance reports.',
  sector: 'What the contract is on, as Binance sorts it.',
  quad: 'What the changes of price and OI suggest, in the window set under Filters.',
  age: 'Time since the last sample of this symbol.',
};

export const TILE_HELP = {
  movers: 'Largest changes of contracts in 1h among symbols with at least $1.00M of open interest',
  live: 'Shows the symbols that are not; if there are none, the oldest first',
} as const;

export function helpOf(key: ColumnKey): string {
  return isChange(key) ? CHANGE_HELP[COLUMNS[key].change.measure] : OWN_HELP[key];
}

export type Explained = { readonly label: string; readonly text: string };

/** Each text once, under the labels of all its columns: `Δ 5m, 15m, 1h`. */
export function explainColumns(keys: readonly ColumnKey[]): Explained[] {
  const texts = [...new Set(keys.map(helpOf))];
  return texts.map((text) => {
    const [first, ...more] = keys.filter((it) => helpOf(it) === text).map((it) => COLUMNS[it].label);
    return { label: [first, ...more.map((it) => it.replace(/^.* /, ''))].join(', '), text };
  });
}
