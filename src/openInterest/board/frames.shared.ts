import type { BoardBody, BoardRow, BoardUpdate, RemovedRow } from '../openInterest.types.ts';
import {
  at,
  decodeColumns,
  decodePairs,
  encodeColumns,
  encodePairs,
  shorten,
  type FrameRow,
} from './columns.shared.ts';
import type { BodyFrame, RowColumns, UpdateFrame } from './frames.types.ts';

/** Symbols by the number that a board has given them. */
export type SymbolsById = ReadonlyMap<number, string>;

/**
 * An update as columns. `window` says which symbols are new on the board and whose 24 h volumes have changed: all other
 * volumes, and the names of all other symbols, are left out.
 */
export function encodeUpdate(
  { rows, ...update }: BoardUpdate,
  window: { entered: ReadonlySet<string>; newFacts: ReadonlySet<string>; ids: ReadonlyMap<string, number> },
): UpdateFrame {
  const { entered, newFacts, ids } = window;
  const { present, steps } = sortById(rows, ids);
  const gone = rows.filter((it) => 'removed' in it).map((it) => it.symbol);
  return {
    ...update,
    ids: steps,
    symbols: encodePairs(present, ({ symbol }) => (entered.has(symbol) ? symbol : undefined)),
    ...encodeColumns(present),
    vol: encodePairs(present, ({ symbol, volume24h }) => (newFacts.has(symbol) ? volume24h : undefined)),
    ...(gone.length > 0 ? { gone } : {}),
  };
}

/**
 * The update that was encoded, for a board at a position from which it applies: `known` and `held` are the symbols and the
 * rows of that board. A `RangeError` where one that is needed is missing, or where the columns do not fit each other.
 */
export function decodeUpdate(
  { epoch, from, seq, asOf, serverTime, gone = [], ...columns }: UpdateFrame,
  known: SymbolsById,
  held: ReadonlyMap<string, Pick<BoardRow, 'volume24h'>>,
): BoardUpdate {
  const rows = decodeColumns(columns, readSymbols(columns, known), () => seq);
  const removed = gone.map((symbol): RemovedRow => ({ symbol, removed: true, seq }));
  return {
    epoch,
    from,
    seq,
    asOf,
    serverTime,
    rows: [...rows.map((row) => withVolume(row, held)), ...removed],
  };
}

/** A board, or what is newer than a position, as columns. `ids`: the numbers of the symbols on the board. */
export function encodeBody({ rows, ...body }: BoardBody, ids: ReadonlyMap<string, number>): BodyFrame {
  const { present, steps } = sortById(rows, ids);
  return {
    ...body,
    rows: {
      ids: steps,
      symbols: encodePairs(present, (it) => it.symbol),
      ...encodeColumns(present),
      seqs: shorten(present.map((it) => it.seq)),
      gone: rows.filter((it) => 'removed' in it),
    },
  };
}

/** The body that was encoded; a `RangeError` where the columns do not fit each other. */
export function decodeBody({ rows: { seqs, gone, ...columns }, ...body }: BodyFrame): BoardBody {
  if (Array.isArray(seqs) && seqs.length !== columns.ids.length)
    throw new RangeError('the columns of a frame differ in length');
  const rows = decodeColumns(columns, readSymbols(columns, NONE), (row) => at(seqs, row));
  return { ...body, rows: [...rows.map((row) => withVolume(row, NONE)), ...gone] };
}

/** The symbols that the columns introduce. */
export function introducedSymbols(columns: Pick<RowColumns, 'ids' | 'symbols'>): SymbolsById {
  const ids = readIds(columns);
  return new Map(Array.from(decodePairs(columns.symbols), ([row, symbol]) => [ids[row]!, String(symbol)]));
}

const NONE: ReadonlyMap<number, string> & ReadonlyMap<string, BoardRow> = new Map<never, never>();

/** The rows in the order of their ids, without those of symbols that have left, and the steps from id to id. */
function sortById(rows: BoardUpdate['rows'], ids: ReadonlyMap<string, number>) {
  const sorted = rows
    .filter((it): it is BoardRow => !('removed' in it))
    .map((row) => ({ row, id: ids.get(row.symbol)! }))
    .toSorted((a, b) => a.id - b.id);
  return {
    present: sorted.map((it) => it.row),
    steps: sorted.map(({ id }, i) => id - (i === 0 ? 0 : sorted[i - 1]!.id)),
  };
}

function readIds({ ids }: Pick<RowColumns, 'ids'>): number[] {
  let id = 0;
  return ids.map((step) => (id += step));
}

function readSymbols(columns: Pick<RowColumns, 'ids' | 'symbols'>, known: SymbolsById): string[] {
  const introduced = introducedSymbols(columns);
  return readIds(columns).map((id) => {
    const symbol = introduced.get(id) ?? known.get(id);
    if (symbol === undefined) throw new RangeError(`a frame names symbol ${id}, which was not introduced`);
    return symbol;
  });
}

function withVolume(row: FrameRow, held: ReadonlyMap<string, Pick<BoardRow, 'volume24h'>>): BoardRow {
  const volume24h = row.volume24h === undefined ? held.get(row.symbol)?.volume24h : row.volume24h;
  if (volume24h === undefined)
    throw new RangeError(`a frame changes ${row.symbol}, of which no row is known`);
  return { ...row, volume24h };
}
