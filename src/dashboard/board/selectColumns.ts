import { COLUMNS, COLUMN_KEYS, PINNED, USUAL, widthOf, type ColumnKey, type DataKind } from './columns.ts';

export type ShownColumns = {
  readonly available: readonly ColumnKey[];
  readonly shown: readonly ColumnKey[];
  /** Shown to Free as one locked cell. */
  readonly locked: readonly ColumnKey[];
  /** The width of all that are shown where there is room, px. */
  readonly fullWidth: number;
};

/** The columns that are shown: the chosen ones, else those that fit. A column without any data is left out. */
export function selectColumns(options: {
  chosen: readonly ColumnKey[] | null;
  /** The width that the table has, px. */
  room: number;
  pro: boolean;
  has: Readonly<Record<DataKind | 'changes', boolean>>;
}): ShownColumns {
  const { chosen, room, pro, has } = options;
  const available = COLUMN_KEYS.filter((key) => {
    const { needs, pro: isPro } = COLUMNS[key];
    if (needs) return has[needs];
    // Free sees them locked; a snapshot board has no changes.
    return isPro && pro ? has.changes : true;
  });
  const usual = available.filter((key) => PINNED.includes(key) || USUAL.includes(key));
  if (pro && chosen !== null) {
    const shown = [...PINNED, ...chosen.filter((key) => available.includes(key) && !PINNED.includes(key))];
    return { available, shown, locked: [], fullWidth: widthOf(shown) };
  }
  // Free reads what is open to it rather than locks.
  const order = pro ? USUAL : USUAL.toSorted((a, b) => Number(COLUMNS[a].pro) - Number(COLUMNS[b].pro));
  const fitting = fit(usual, order, room);
  const shares = pro ? { shown: fitting, locked: [] } : lockColumns(fitting);
  return { available, ...shares, fullWidth: widthOf(usual) };
}

/** The pinned columns and those others that fit, by the order of their value. */
function fit(columns: readonly ColumnKey[], order: readonly ColumnKey[], room: number): readonly ColumnKey[] {
  const shown = new Set(PINNED);
  let left = room - widthOf(PINNED);
  for (const key of order) {
    const { width } = COLUMNS[key];
    if (!columns.includes(key) || width > left) continue;
    shown.add(key);
    left -= width;
  }
  return columns.filter((key) => shown.has(key));
}

/** The locked columns are adjacent, so that they can be one cell. */
function lockColumns(columns: readonly ColumnKey[]): Pick<ShownColumns, 'shown' | 'locked'> {
  const locked = columns.filter((key) => COLUMNS[key].pro);
  const open = columns.filter((key) => !COLUMNS[key].pro && key !== 'age');
  const age = columns.filter((key) => key === 'age');
  return { shown: [...open, ...locked, ...age], locked };
}
