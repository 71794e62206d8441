import type { SymbolsById } from '../openInterest/board/frames.shared.ts';
import type { BoardBody, BoardUpdate } from '../openInterest/openInterest.types.ts';
import type { HeldBoard, HeldRow } from './sync.types.ts';

/**
 * Applies a whole board. A board of another epoch replaces all rows, even by older ones: rows shown before may have been
 * lost with their node. Within an epoch no older sample replaces a newer one.
 */
export function replaceBoard(
  held: HeldBoard | null,
  body: BoardBody,
  symbols: SymbolsById | null = null,
): HeldBoard {
  const rows = new Map<string, HeldRow>();
  for (const row of body.rows) {
    if ('removed' in row) continue;
    const before = held?.epoch === body.epoch ? held.rows.get(row.symbol) : undefined;
    rows.set(row.symbol, before && before.ts > row.ts ? before : row);
  }
  const { epoch, seq, asOf, tier, mode, universe } = body;
  return { epoch, seq, rows, symbols, asOf, facts: { tier, mode, universe } };
}

/**
 * Applies changes of the same epoch. Rows up to the board's position are skipped, so a response that updates have overtaken
 * cannot restore older values. A row is merged into the present one: absent fields, such as the sparkline, stay.
 */
export function mergeChanges(
  held: HeldBoard,
  changes: Pick<BoardUpdate, 'seq' | 'asOf' | 'rows'>,
  introduced: SymbolsById = NONE,
): HeldBoard {
  const rows = new Map(held.rows);
  for (const row of changes.rows) {
    if (row.seq <= held.seq) continue;
    if ('removed' in row) {
      rows.delete(row.symbol);
      continue;
    }
    const before = rows.get(row.symbol);
    if (before && before.ts > row.ts) continue;
    rows.set(row.symbol, before ? { ...before, ...row } : row);
  }
  const symbols = held.symbols && learnSymbols(held.symbols, introduced, rows);
  return { ...held, seq: Math.max(held.seq, changes.seq), asOf: changes.asOf, rows, symbols };
}

const NONE: SymbolsById = new Map();

/** Numbers are never reused, so those of symbols that have left are dropped. */
function learnSymbols(known: SymbolsById, introduced: SymbolsById, rows: HeldBoard['rows']): SymbolsById {
  if (introduced.size === 0) return known;
  const renamed = new Set(introduced.values());
  const kept = Array.from(known).filter(([, symbol]) => rows.has(symbol) && !renamed.has(symbol));
  return new Map([...kept, ...introduced]);
}
