import { COLUMNS, COLUMN_KEYS, PINNED, type ColumnKey } from './columns.ts';

/**
 * The columns that are shown: what was chosen, else what fits. A column that nobody sends anything for is not there at
 * all, rather than full of dashes.
 */
export function selectColumns(options: {
  chosen: readonly ColumnKey[] | null;
  wide: boolean;
  pro: boolean;
  has: { funding: boolean; volume: boolean; changes: boolean };
}): { available: ColumnKey[]; shown: ColumnKey[]; locked: ColumnKey[] } {
  const { chosen, wide, pro, has } = options;
  const available = COLUMN_KEYS.filter((key) => {
    if (key === 'fund') return has.funding;
    if (key === 'vol' || key === 'ratio') return has.volume;
    // For Free they are locked, which is told; for Pro a frozen board holds none.
    if (COLUMNS[key].pro && pro) return has.changes;
    return true;
  });
  if (!pro) return freeColumns(available, wide);
  const wanted = chosen ?? available.filter((key) => wide || COLUMNS[key].essential);
  const shown = [...PINNED, ...wanted.filter((key) => available.includes(key) && !PINNED.includes(key))];
  return { available, shown, locked: [] };
}

/** What Free does not get stands together, so that it can be one locked cell. */
function freeColumns(
  available: readonly ColumnKey[],
  wide: boolean,
): { available: ColumnKey[]; shown: ColumnKey[]; locked: ColumnKey[] } {
  const fits = available.filter((key) => wide || COLUMNS[key].essential);
  const locked = fits.filter((key) => COLUMNS[key].pro);
  const open = fits.filter((key) => !COLUMNS[key].pro && key !== 'age');
  return { available: [...available], shown: [...open, ...locked, 'age'], locked };
}
