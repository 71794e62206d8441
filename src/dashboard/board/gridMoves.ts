/** A cell of the grid: row 0 is the header. */
export type Cell = { readonly row: number; readonly column: number };

/**
 * Where a key leads from a cell, as grids are walked: arrows by one, Home and End along the row, with Ctrl to the first
 * and last cell, Page Up and Down by what is visible. `null`: the key does not move.
 */
export function moveInGrid(
  from: Cell,
  key: { key: string; ctrl: boolean },
  size: { rows: number; columns: number; page: number },
): Cell | null {
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  const to = (row: number, column: number): Cell => ({
    row: Math.max(0, Math.min(row, lastRow)),
    column: Math.max(0, Math.min(column, lastColumn)),
  });
  switch (key.key) {
    case 'ArrowUp':
      return to(from.row - 1, from.column);
    case 'ArrowDown':
      return to(from.row + 1, from.column);
    case 'ArrowLeft':
      return to(from.row, from.column - 1);
    case 'ArrowRight':
      return to(from.row, from.column + 1);
    case 'Home':
      return key.ctrl ? to(Math.min(1, lastRow), 0) : to(from.row, 0);
    case 'End':
      return key.ctrl ? to(lastRow, lastColumn) : to(from.row, lastColumn);
    case 'PageUp':
      return to(Math.max(from.row - size.page, Math.min(1, lastRow)), from.column);
    case 'PageDown':
      return to(from.row + size.page, from.column);
    default:
      return null;
  }
}
