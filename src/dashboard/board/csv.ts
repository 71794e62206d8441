import { formatPlain } from '../../kit/format.shared.ts';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { columnValue, type NumberColumn } from './columnValue.ts';
import { COLUMNS, isChange, type ChangeColumn, type ColumnKey } from './columns.ts';
import { stateOfLine, type Line } from './lines.ts';
import { quadrantOf } from './quadrant.ts';
import type { View } from './view.ts';
import { formatIso } from '../timeOfDay.ts';

/** Names with their units, for the header line. */
const OWN_HEADERS: Readonly<Partial<Record<ColumnKey, string>>> = {
  fav: 'favourite',
  symbol: 'symbol',
  mark: 'mark_price_usd',
  oi: 'oi_contracts',
  usd: 'oi_usd',
  unusual: 'unusual_1h',
  fund: 'funding_pct',
  fund8: 'funding_8h_pct',
  fundYear: 'funding_year_pct',
  vol: 'volume_24h_usd',
  ratio: 'oi_volume_ratio',
  cap: 'oi_market_cap_pct',
  sector: 'sector',
  quad: 'price_x_oi',
};

/** By the window. */
const CHANGE_HEADERS: Readonly<Record<ChangeColumn['measure'], (window: string) => string>> = {
  oi: (window) => `d${window}_pct`,
  price: (window) => `price_${window}_pct`,
  amount: (window) => `oi_change_${window}_usd`,
};

/** So that Excel reads UTF-8: symbols are not all Latin. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The lines in their present order, with the shown columns, the time of the sample and its state. Raw numbers; unknown is
 * an empty cell. RFC 4180 with CRLF.
 */
export function renderCsv(
  lines: readonly Line[],
  columns: readonly ColumnKey[],
  context: Pick<View, 'window' | 'unit'> & { now: number; mode: Mode; favourites: ReadonlySet<string> },
): string {
  const shown = columns.filter((it) => headerOf(it) !== undefined);
  const suffix = (key: ColumnKey) => {
    if (key === 'quad') return `_${context.window}`;
    return isChange(key) && COLUMNS[key].change.measure === 'oi' && context.unit === 'usd' ? '_of_usd' : '';
  };
  const head = [...shown.map((it) => `${headerOf(it)}${suffix(it)}`), 'ts', 'state'];
  const body = lines.map((line) => [
    ...shown.map((key) => cellOf(line, key, context)),
    line.row === null ? '' : formatIso(line.row.ts),
    stateOfLine(line, context.now, context.mode),
  ]);
  return BYTE_ORDER_MARK + [head, ...body].map((cells) => `${cells.map(renderCell).join(',')}\r\n`).join('');
}

/** `open-interest_2026-11-20T140322Z.csv` */
export function csvFileName(now: number): string {
  return `open-interest_${formatIso(now).slice(0, 19).replaceAll(':', '')}Z.csv`;
}

function headerOf(key: ColumnKey): string | undefined {
  if (!isChange(key)) return OWN_HEADERS[key];
  const { measure, window } = COLUMNS[key].change;
  return CHANGE_HEADERS[measure](window);
}

type Cell = string | { readonly number: string } | null | undefined;

function cellOf(
  { symbol, row }: Line,
  key: ColumnKey,
  context: Pick<View, 'window' | 'unit'> & { favourites: ReadonlySet<string> },
): Cell {
  if (key === 'symbol') return symbol;
  if (key === 'fav') return context.favourites.has(symbol) ? 'yes' : 'no';
  if (row === null) return null;
  if (key === 'quad') return quadrantOf(row, context.window);
  if (key === 'sector') return row.sectors?.join(' ');
  if (key === 'spark' || key === 'age') return null;
  const value = columnValue(row, key, context.unit);
  return value === null || !Number.isFinite(value) ? null : { number: formatPlain(value, shiftOf(key)) };
}

/** Changes and rates are written in percent, everything else as it is. */
function shiftOf(key: NumberColumn): number {
  if (isChange(key)) return COLUMNS[key].change.measure === 'amount' ? 0 : -2;
  return ['fund', 'fund8', 'fundYear', 'cap'].includes(key) ? 2 : 0;
}

/** Text that a spreadsheet would run gets an apostrophe; a number never does: a negative change must stay a number. */
function renderCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') return cell.number;
  const guarded = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
