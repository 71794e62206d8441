import type { Store } from '../store/sqlite.ts';

/** A stretch without samples of one symbol, both ends known or chosen; epoch ms, ends not included. */
export type Gap = { symbol: string; from: number; to: number };

type Row = { symbol: string; from_ts: number; to_ts: number };

export type Gaps = ReturnType<typeof createGaps>;

/** Gaps that are still to be filled; they outlive a restart, because the restart is what makes most of them. */
export function createGaps(store: Store) {
  const upsert = store.prepare<[string, number, number]>(
    `insert into gap (symbol, from_ts, to_ts) values (?, ?, ?)
     on conflict (symbol, from_ts) do update set to_ts = max(gap.to_ts, excluded.to_ts)`,
  );
  const selectAll = store.prepare<[], Row>(
    'select symbol, from_ts, to_ts from gap order by to_ts desc, symbol',
  );
  const remove = store.prepare<[string, number]>('delete from gap where symbol = ? and from_ts = ?');
  const count = store.prepare<[], { gaps: number }>('select count(*) as gaps from gap');

  return {
    add: ({ symbol, from, to }: Gap) => upsert.run(symbol, from, to),
    /** The latest, because it is what charts show; not of the symbols that are left out. */
    next(isLeftOut: (symbol: string) => boolean): Gap | null {
      for (const { symbol, from_ts: from, to_ts: to } of selectAll.all()) {
        if (!isLeftOut(symbol)) return { symbol, from, to };
      }
      return null;
    },
    remove: ({ symbol, from }: Gap) => remove.run(symbol, from),
    count: () => count.get()?.gaps ?? 0,
  };
}
