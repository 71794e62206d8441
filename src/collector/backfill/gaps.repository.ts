import type { Store } from '../store/sqlite.ts';

/** A time without samples of one symbol; epoch ms, ends excluded. */
export type Gap = { symbol: string; from: number; to: number };

export type Gaps = ReturnType<typeof createGaps>;

/** Gaps that are still to be filled. They survive a restart, which causes most of them. */
export function createGaps(store: Store) {
  const upsert = store.prepare<[string, number, number]>(
    `insert into gap (symbol, from_ts, to_ts) values (?, ?, ?)
     on conflict (symbol, from_ts) do update set to_ts = max(gap.to_ts, excluded.to_ts)`,
  );
  const selectAll = store.prepare<[], Gap>(
    'select symbol, from_ts as "from", to_ts as "to" from gap order by to_ts desc, symbol',
  );
  const remove = store.prepare<[string, number]>('delete from gap where symbol = ? and from_ts = ?');
  const count = store.prepare<[], { gaps: number }>('select count(*) as gaps from gap');

  return {
    add: ({ symbol, from, to }: Gap) => upsert.run(symbol, from, to),
    /** The latest, because charts show it; skips symbols that are left out. */
    next: (isLeftOut: (symbol: string) => boolean): Gap | null =>
      selectAll.all().find((it) => !isLeftOut(it.symbol)) ?? null,
    remove: ({ symbol, from }: Gap) => remove.run(symbol, from),
    count: () => count.get()?.gaps ?? 0,
  };
}
