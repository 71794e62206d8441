import type { Store } from '../store/sqlite.ts';
import type { SpoolTotals } from './spool.types.ts';

const NONE: SpoolTotals = {
  appended: 0,
  delivered: 0,
  refused: 0,
  dead: 0,
  droppedAge: 0,
  droppedSize: 0,
  droppedDisk: 0,
};

export type Tally = ReturnType<typeof createTally>;

/** Counts that survive a restart: kept in memory and written by the commit that changes the items. */
export function createTally(store: Store) {
  const upsert = store.prepare<[string, number]>(
    'insert into tally (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
  );
  const rows = store.prepare<[], { name: string; value: number }>('select name, value from tally').all();
  const totals = { ...NONE };
  for (const { name, value } of rows) if (name in totals) totals[name as keyof SpoolTotals] = value;
  const changed = new Set<keyof SpoolTotals>();

  return {
    totals: () => ({ ...totals }),
    add(name: keyof SpoolTotals, items: number): void {
      if (items === 0) return;
      totals[name] += items;
      changed.add(name);
    },
    /** Writes what has changed; call it inside a transaction. */
    write(): void {
      for (const name of changed) upsert.run(name, totals[name]);
    },
    /** The transaction has been committed. */
    written: () => changed.clear(),
  };
}
