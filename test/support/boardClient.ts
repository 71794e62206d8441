import { io, type Socket } from 'socket.io-client';
import type {
  BoardBody,
  BoardRow,
  BoardUpdate,
  RemovedRow,
} from '../../src/openInterest/openInterest.types.ts';
import type { ServerToClientEvents } from '../../src/sockets/events.types.ts';
import type { ClientToServerEvents, Hello, Pulse } from '../../src/sockets/sockets.types.ts';

export type BoardClient = {
  rows: ReadonlyMap<string, BoardRow>;
  /** When the symbol first showed a sample of `ts` or a newer one (`performance.now()`); `null`: it never has. */
  shownAt(symbol: string, ts: number): number | null;
  /** Rows that would have moved a symbol back within an epoch: there must be none. */
  regressions(): number;
  /** The sync requests it sent, by reason. */
  syncs: Map<string, number>;
  close(): void;
};

const SILENCE_MS = 11_000;
const SYNC_SPREAD_MS = 1_500;
const ANSWER_WITHIN_MS = 5_000;

/**
 * A dashboard without a picture: keeps a board in step by the rule of the wire contract and nothing else. It applies an
 * update of its epoch if `from <= its seq < seq`, and syncs on its own socket after a gap, another epoch or silence.
 */
export function openBoardClient(url: string, token: string): BoardClient {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, {
    forceNew: true,
    transports: ['websocket'],
    auth: { token },
    reconnectionDelay: 500,
    reconnectionDelayMax: 3_000,
    timeout: 4_000,
  });
  const rows = new Map<string, BoardRow>();
  const shown = new Map<string, { ts: number; at: number }[]>();
  const syncs = new Map<string, number>();
  let epoch = '';
  let seq = -1;
  let regressions = 0;
  let syncing = false;
  let silence: NodeJS.Timeout | undefined;

  function show(row: BoardRow | RemovedRow): void {
    if ('removed' in row) {
      rows.delete(row.symbol);
      return;
    }
    const held = rows.get(row.symbol);
    if (held && row.ts < held.ts) {
      regressions += 1;
      return;
    }
    rows.set(row.symbol, row);
    const times = shown.get(row.symbol) ?? [];
    if (row.ts > (times.at(-1)?.ts ?? -1)) times.push({ ts: row.ts, at: performance.now() });
    shown.set(row.symbol, times);
  }

  function take(update: BoardUpdate): void {
    if (update.epoch !== epoch || update.from > seq) return sync('gap');
    if (update.seq <= seq) return;
    for (const row of update.rows) show(row);
    seq = update.seq;
  }

  function compare({ epoch: theirs, seq: at }: Hello | Pulse, why: string): void {
    if (theirs !== epoch || at > seq) sync(why);
  }

  function sync(why: string): void {
    if (syncing) return;
    syncing = true;
    syncs.set(why, (syncs.get(why) ?? 0) + 1);
    // Jitter, so that a thousand dashboards do not sync at once.
    setTimeout(ask, Math.random() * SYNC_SPREAD_MS);
  }

  function ask(): void {
    const position = seq < 0 ? null : { epoch, seq };
    socket.timeout(ANSWER_WITHIN_MS).emit('open-interest-sync', position, (fault: Error | null, answer) => {
      syncing = false;
      if (fault || 'error' in answer) socket.io.engine?.close();
      else adopt(answer as BoardBody);
    });
  }

  function adopt(body: BoardBody): void {
    if (body.full) {
      const listed = new Set(body.rows.map((row) => row.symbol));
      // Another run of the board replaces everything, also backwards.
      for (const symbol of rows.keys()) if (body.epoch !== epoch || !listed.has(symbol)) rows.delete(symbol);
    }
    for (const row of body.rows) show(row);
    epoch = body.epoch;
    seq = body.seq;
  }

  function heard(): void {
    clearTimeout(silence);
    silence = setTimeout(() => {
      sync('silence');
      heard();
    }, SILENCE_MS);
  }

  socket.onAny(heard);
  socket.on('open-interest-hello', (hello) => compare(hello, 'hello'));
  socket.on('open-interest-update', take);
  socket.on('open-interest-pulse', (pulse) => compare(pulse, 'pulse'));
  heard();

  return {
    rows,
    shownAt: (symbol, ts) => shown.get(symbol)?.find((it) => it.ts >= ts)?.at ?? null,
    regressions: () => regressions,
    syncs,
    close() {
      clearTimeout(silence);
      socket.close();
    },
  };
}
