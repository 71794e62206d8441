import { COLUMNS, COLUMN_KEYS, PINNED, type ColumnKey } from './columns.ts';

export type ShownColumns = {
  readonly available: readonly ColumnKey[];
  readonly shown: readonly ColumnKey[];
  /** Shown to Free as one locked cell. */
  readonly locked: readonly ColumnKey[];
};

/** The columns that are shown: the chosen ones, else those that fit. A column without any data is left out. */
export function selectColumns(options: {
  chosen: readonly ColumnKey[] | null;
  wide: boolean;
  pro: boolean;
  has: { funding: boolean; volume: boolean; supply: boolean; sectors: boolean; changes: boolean };
}): ShownColumns {
  const { chosen, wide, pro, has } = options;
  const available = COLUMN_KEYS.filter((key) => {
    if (key === 'fund' || key === 'fund8' || key === 'fundYear') return has.funding;
    if (key === 'cap') return has.supply;
    if (key === 'sector') return has.sectors;
    if (key === 'vol' || key === 'ratio') return has.volume;
    // Free sees them locked; a snapshot board has no changes.
    if (COLUMNS[key].pro && pro) return has.changes;
    return true;
  });
  if (!pro) return freeColumns(available, wide);
  const wanted = chosen ?? available.filter((key) => fits(key, wide));
  const shown = [...PINNED, ...wanted.filter((key) => available.includes(key) && !PINNED.includes(key))];
  return { available, shown, locked: [] };
}

/** The locked columns are adjacent, so that they can be one cell. */
function freeColumns(available: readonly ColumnKey[], wide: boolean): ShownColumns {
  const usual = available.filter((key) => fits(key, wide));
  const locked = usual.filter((key) => COLUMNS[key].pro);
  const open = usual.filter((key) => !COLUMNS[key].pro && key !== 'age');
  return { available, shown: [...open, ...locked, 'age'], locked };
}

function fits(key: ColumnKey, wide: boolean): boolean {
  const { shownIn } = COLUMNS[key];
  return shownIn === 'any' || (wide && shownIn === 'wide');
}
