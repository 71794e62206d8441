import type { BoardRow } from '../openInterest.types.ts';
import type { RowColumns } from './frames.types.ts';
import { decodeWholes, encodeWholes } from './wholeNumbers.shared.ts';
import { WINDOWS, listChanges, placeChanges, type Measure } from './windows.shared.ts';

/** A row whose 24 h volume may be absent because it has not changed. */
export type FrameRow = Omit<BoardRow, 'volume24h'> & Partial<Pick<BoardRow, 'volume24h'>>;

const RATE_SCALE = 1e8;
/** What makes a number of -1, 0 and 1 to the base of 3 positive: a 1 in each place. */
const ONES = (3 ** WINDOWS.length - 1) / 2;

/**
 * Columns of rows, except their symbols. A USD value that is contracts × mark price is left out, and of a change of USD
 * only the difference from what the changes of contracts and price make is sent.
 */
export function encodeColumns(rows: readonly FrameRow[]): Omit<RowColumns, 'ids' | 'symbols'> {
  const t0 = rows.reduce((least, it) => Math.min(least, it.ts), rows[0]?.ts ?? 0);
  const changes = rows.map(listChanges);
  const codes = changes.map(encodeUsdChanges);
  const others = changes.filter((_, row) => codes[row] === null).map((it) => it.dUsd);
  return {
    oi: rows.map((it) => it.openInterest),
    px: rows.map((it) => it.markPrice),
    t0,
    t: rows.map((it) => it.ts - t0),
    f: rows.map((it) => encodeRate(it.fundingRate)),
    every: shorten(rows.map((it) => it.everySec)),
    source: shorten(rows.map((it) => it.source)),
    usd: encodePairs(rows, (it) => (it.openInterestUsd === usdOf(it) ? undefined : it.openInterestUsd)),
    d: WINDOWS.map((_, place) => encodeWholes(changes.map((it) => it.d[place]!))),
    p: WINDOWS.map((_, place) => encodeWholes(changes.map((it) => it.p[place]!))),
    dUsd: encodeWholes(codes),
    ...(others.length > 0 ? { dUsdOther: others } : {}),
    vol: encodePairs(rows, (it) => it.volume24h),
    hours: encodePairs(rows, (it) => it.fundingHours),
    supply: encodePairs(rows, (it) => it.supply),
    sectors: encodePairs(rows, (it) => it.sectors),
    usual: encodePairs(rows, (it) => it.usual),
    spark: encodePairs(rows, (it) => it.spark),
  };
}

/** The rows that were encoded; a `RangeError` where the columns do not fit each other. */
export function decodeColumns(
  columns: RowColumns,
  symbols: readonly string[],
  seqOf: (row: number) => number,
): FrameRow[] {
  const { oi, px, t0, t, f, dUsdOther = [] } = columns;
  const d = columns.d.map(decodeWholes);
  const p = columns.p.map(decodeWholes);
  const codes = decodeWholes(columns.dUsd);
  requireEqualLengths(columns, symbols.length, [...d, ...p, codes]);
  const usd = decodePairs(columns.usd);
  const volumes = decodePairs(columns.vol);
  const hours = decodePairs(columns.hours);
  const supplies = decodePairs(columns.supply);
  const usuals = decodePairs(columns.usual);
  const sectorsByRow = decodePairs(columns.sectors);
  const sparks = decodePairs(columns.spark);
  const others = dUsdOther.values();
  return symbols.map((symbol, row) => {
    const figures = { openInterest: oi[row]!, markPrice: px[row]! };
    const changes = { d: d.map((it) => it[row]!), p: p.map((it) => it[row]!) };
    const volume24h = volumes.get(row);
    const fundingHours = hours.get(row);
    const supply = supplies.get(row);
    const usual = usuals.get(row) as BoardRow['usual'];
    const sectors = sectorsByRow.get(row) as BoardRow['sectors'];
    const spark = sparks.get(row);
    const usdGiven = usd.get(row);
    return {
      symbol,
      ...figures,
      openInterestUsd: usdGiven === undefined ? usdOf(figures) : usdGiven,
      fundingRate: decodeRate(f[row]!),
      ts: t0 + t[row]!,
      source: at(columns.source, row),
      everySec: at(columns.every, row),
      ...(volume24h === undefined ? {} : { volume24h }),
      ...(fundingHours === undefined ? {} : { fundingHours }),
      ...(supply === undefined ? {} : { supply }),
      ...(sectors === undefined ? {} : { sectors }),
      ...(usual === undefined ? {} : { usual }),
      ...placeChanges({ ...changes, dUsd: decodeUsdChanges(codes[row]!, changes, others) }),
      ...(spark === undefined ? {} : { spark }),
      seq: seqOf(row),
    };
  });
}

/** Row, value, row, value, … of the rows whose value is not `undefined`; `undefined` if there are none. */
export function encodePairs<Row, Value>(
  rows: readonly Row[],
  pick: (row: Row) => Value | undefined,
): (number | Value)[] | undefined {
  const found: (number | Value)[] = [];
  for (const [index, row] of rows.entries()) {
    const value = pick(row);
    if (value !== undefined) found.push(index, value);
  }
  return found.length > 0 ? found : undefined;
}

/** Values by row. */
export function decodePairs<Value>(column: readonly (number | Value)[] = []): Map<number, Value> {
  const values = new Map<number, Value>();
  for (let i = 0; i < column.length; i += 2) values.set(column[i] as number, column[i + 1] as Value);
  return values;
}

/** The one value that all rows have, or the value of each. */
export function shorten<Value>(values: readonly Value[]): Value | Value[] {
  const [first] = values;
  return first !== undefined && values.every((it) => it === first) ? first : [...values];
}

export function at<Value>(column: Value | readonly Value[], row: number): Value {
  return Array.isArray(column) ? (column as readonly Value[])[row]! : (column as Value);
}

function requireEqualLengths(
  columns: RowColumns,
  count: number,
  decoded: readonly (readonly unknown[])[],
): void {
  const { ids, oi, px, t, f, every, source } = columns;
  const lengths = [ids, oi, px, t, f, ...decoded].map((it) => it.length);
  for (const it of [every, source]) if (Array.isArray(it)) lengths.push(it.length);
  if (lengths.some((it) => it !== count)) throw new RangeError('the columns of a frame differ in length');
}

function usdOf({ openInterest, markPrice }: Pick<BoardRow, 'openInterest' | 'markPrice'>): number | null {
  return markPrice === null ? null : openInterest * markPrice;
}

/** The change of USD, in basis points, that those of contracts and price make: they are rounded, so it can be off by 1. */
function deriveUsdChange(contracts: number | null, price: number | null): number | null {
  if (contracts === null || price === null) return null;
  // Rounding gives -0 for a small loss.
  return Math.round(((1 + contracts / 10_000) * (1 + price / 10_000) - 1) * 10_000) + 0;
}

/** The digits of `RowColumns.dUsd`; `null` where one does not suffice. */
function encodeUsdChanges({ d, dUsd, p }: Record<Measure, (number | null)[]>): number | null {
  let code = 0;
  for (const [place, change] of dUsd.entries()) {
    const derived = deriveUsdChange(d[place]!, p[place]!);
    if ((change === null) !== (derived === null)) return null;
    const digit = change === null || derived === null ? 0 : change - derived;
    if (digit !== 0 && Math.abs(digit) !== 1) return null;
    code += digit * 3 ** place;
  }
  return code;
}

function decodeUsdChanges(
  code: number | null,
  { d, p }: Readonly<Record<'d' | 'p', readonly (number | null)[]>>,
  others: Iterator<(number | null)[]>,
): (number | null)[] {
  if (code === null) {
    const other = others.next();
    if (other.done) throw new RangeError('a frame lacks a change of USD');
    return other.value;
  }
  if (Math.abs(code) > ONES) throw new RangeError('a frame has an unknown change of USD');
  return WINDOWS.map((_, place) => {
    const derived = deriveUsdChange(d[place]!, p[place]!);
    return derived === null ? null : derived + (Math.floor((code + ONES) / 3 ** place) % 3) - 1;
  });
}

function encodeRate(fraction: number | null): RowColumns['f'][number] {
  if (fraction === null) return null;
  const whole = Math.round(fraction * RATE_SCALE) + 0;
  return whole / RATE_SCALE === fraction ? whole : [fraction];
}

function decodeRate(rate: RowColumns['f'][number]): number | null {
  if (rate === null) return null;
  return Array.isArray(rate) ? rate[0] : rate / RATE_SCALE;
}
