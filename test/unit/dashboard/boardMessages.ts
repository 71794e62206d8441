import type { HeldRow } from '../../../src/client/sync.types.ts';
import type { BoardBody, BoardUpdate } from '../../../src/openInterest/openInterest.types.ts';
import type { Hello } from '../../../src/sockets/sockets.types.ts';

/** Messages as the server sends them. */

export function aRow(given: Partial<HeldRow> = {}): HeldRow {
  return {
    symbol: 'BTCUSDT',
    openInterest: 90_761.482,
    openInterestUsd: 8_445_361_234.5,
    markPrice: 93_041.35,
    fundingRate: 0.0001,
    ts: Date.UTC(2026, 10, 20, 14, 0, 0),
    source: 'realtime',
    everySec: 12,
    volume24h: 24_310_000_000,
    d: [12, 31, 84, 210],
    dUsd: [10, 30, 80, 200],
    p: [5, 20, 62, 150],
    seq: 1,
    ...given,
  };
}

export function aHello(given: Partial<Hello> = {}): Hello {
  return {
    epoch: 'e1',
    seq: 0,
    serverTime: 0,
    tier: 'pro',
    role: 'user',
    mode: 'realtime',
    pulseSec: 5,
    snapshotEverySec: 300,
    ...given,
  };
}

export function anUpdate(given: Partial<BoardUpdate> = {}): BoardUpdate {
  return { epoch: 'e1', from: 0, seq: 1, asOf: null, serverTime: 0, rows: [], ...given };
}

export function aBody(given: Partial<BoardBody> = {}): BoardBody {
  return {
    epoch: 'e1',
    seq: 0,
    full: true,
    asOf: null,
    serverTime: 0,
    tier: 'pro',
    mode: 'realtime',
    nextSnapshotAt: null,
    universe: { total: 0, updatedAt: null, unsampled: [] },
    columns: { funding: true, volume: true },
    rows: [],
    ...given,
  };
}
