import type { Direction } from '../../openInterest/openInterest.types.ts';
import type { Store } from '../store/sqlite.ts';
import type { RingPoint } from './ring.ts';
import { QUIET, type AlertState } from './detector.ts';

type ReadingRow = { symbol: string; ts: number; openInterest: number; markPrice: number | null };
type StateRow = {
  symbol: string;
  timeframe: string;
  direction: Direction;
  isFired: number;
  firedAt: number | null;
};

export type AlertStore = ReturnType<typeof createAlertStore>;

/** Rows of `reading` and `alert_state`. Writes throw when the disk refuses. */
export function createAlertStore(store: Store) {
  const insertReading = store.prepare<[string, number, number, number | null]>(
    `insert into reading (symbol, ts, open_interest, mark_price) values (?, ?, ?, ?)
     on conflict (symbol, ts) do nothing`,
  );
  const selectReadings = store.prepare<[number, number], ReadingRow>(
    `select symbol, ts, open_interest as openInterest, mark_price as markPrice from reading
     where ts between ? and ? order by symbol, ts`,
  );
  const selectLastTs = store.prepare<[number], { symbol: string; ts: number }>(
    'select symbol, max(ts) as ts from reading where ts <= ? group by symbol',
  );
  const deleteReadings = store.prepare<[number, number]>('delete from reading where ts < ? or ts > ?');
  const upsertState = store.prepare<[string, string, string, number, number | null]>(
    `insert into alert_state (symbol, timeframe, direction, is_fired, fired_at) values (?, ?, ?, ?, ?)
     on conflict (symbol, timeframe, direction) do update set is_fired = excluded.is_fired, fired_at = excluded.fired_at`,
  );
  const selectStates = store.prepare<[], StateRow>(
    'select symbol, timeframe, direction, is_fired as isFired, fired_at as firedAt from alert_state',
  );

  return {
    insertReading: (symbol: string, { ts, openInterest, markPrice }: RingPoint) =>
      insertReading.run(symbol, ts, openInterest, markPrice),
    /** By symbol, oldest first; both ends included. */
    selectReadings(since: number, until: number): Map<string, RingPoint[]> {
      const bySymbol = new Map<string, RingPoint[]>();
      for (const { symbol, ...point } of selectReadings.all(since, until)) {
        const points = bySymbol.get(symbol);
        if (points) points.push(point);
        else bySymbol.set(symbol, [point]);
      }
      return bySymbol;
    },
    /** The time of each symbol's last reading up to `until`. */
    selectLastTs: (until: number) => new Map(selectLastTs.all(until).map(({ symbol, ts }) => [symbol, ts])),
    deleteReadings: (before: number, after: number) => deleteReadings.run(before, after),
    upsertState(symbol: string, timeframe: string, state: AlertState): void {
      for (const direction of ['UP', 'DOWN'] as const) {
        const { isFired, firedAt } = state[direction];
        upsertState.run(symbol, timeframe, direction, isFired ? 1 : 0, firedAt);
      }
    },
    selectStates(): { symbol: string; timeframe: string; state: AlertState }[] {
      const states = new Map<string, { symbol: string; timeframe: string; state: AlertState }>();
      for (const { symbol, timeframe, direction, isFired, firedAt } of selectStates.all()) {
        const key = `${symbol}|${timeframe}`;
        const state = states.get(key)?.state ?? QUIET;
        states.set(key, {
          symbol,
          timeframe,
          state: { ...state, [direction]: { isFired: isFired === 1, firedAt } },
        });
      }
      return [...states.values()];
    },
  };
}
