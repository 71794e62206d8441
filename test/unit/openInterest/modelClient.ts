import type { BoardRead } from '../../../src/openInterest/board/since.ts';
import type { BoardRow, BoardUpdate, RemovedRow } from '../../../src/openInterest/openInterest.types.ts';

/** The fields that `open-interest-update` and the response to `open-interest-sync` share with the board. */
export type ModelUpdate = Pick<BoardUpdate, 'epoch' | 'from' | 'seq' | 'rows'>;
export type ModelBody = BoardRead & { epoch: string };

/**
 * The least a dashboard has to do to stay in step, and nothing that would hide a fault of the board: it does not compare
 * times before it takes a row. A row that goes backwards within an epoch is noted in `regressions`.
 */
export type ModelClient = {
  position(): { epoch: string; seq: number } | null;
  rows(): ReadonlyMap<string, BoardRow>;
  /** False: the update does not join on to the client's position, so it has to sync. */
  onUpdate(update: ModelUpdate): boolean;
  /** The id of the request; only the response to the last one counts. */
  ask(): number;
  onBody(requestId: number, body: ModelBody): void;
  /** The connection is lost, with the requests in flight on it. */
  disconnect(): void;
  regressions(): readonly string[];
};

export function createModelClient(): ModelClient {
  let position: { epoch: string; seq: number } | null = null;
  let rows = new Map<string, BoardRow>();
  let asked = 0;
  let pending: number | undefined;
  const regressions: string[] = [];
  /** The newest time shown of each symbol, also of those that were removed since. */
  let shown = new Map<string, number>();

  function apply(changed: readonly (BoardRow | RemovedRow)[]): void {
    for (const row of changed) {
      if ('removed' in row) {
        rows.delete(row.symbol);
        continue;
      }
      const before = shown.get(row.symbol) ?? -Infinity;
      if (row.ts < before) regressions.push(`${row.symbol} from ${before} to ${row.ts}`);
      shown.set(row.symbol, Math.max(before, row.ts));
      // An update leaves out a sparkline that is as it was.
      rows.set(row.symbol, { ...rows.get(row.symbol), ...row });
    }
  }

  return {
    position: () => position,
    rows: () => rows,

    onUpdate({ epoch, from, seq, rows: changed }) {
      if (position?.epoch !== epoch || from > position.seq) return false;
      if (seq <= position.seq) return true;
      apply(changed);
      position = { epoch, seq };
      return true;
    },

    ask() {
      asked += 1;
      pending = asked;
      return asked;
    },

    onBody(requestId, body) {
      if (requestId !== pending) return;
      pending = undefined;
      const isSameEpoch = position?.epoch === body.epoch;
      if (isSameEpoch && body.seq < position!.seq) return;
      if (!body.full && (!isSameEpoch || body.from! > position!.seq)) return;
      if (!isSameEpoch) shown = new Map();
      if (body.full) rows = new Map();
      apply(body.rows);
      position = { epoch: body.epoch, seq: body.seq };
    },

    disconnect() {
      pending = undefined;
    },

    regressions: () => regressions,
  };
}
