import { describe, expect, it } from '@jest/globals';
import type { BoardRow } from '../../../../src/openInterest/openInterest.types.ts';
import { createRuleFeed } from '../../../../src/openInterest/rules/ruleFeed.ts';

const KEPT = 60_000;
const SYMBOLS = 600;

function windowOf(ts: number, openInterest: number): BoardRow[] {
  return Array.from({ length: SYMBOLS }, (_, i) => ({
    symbol: `S${i}USDT`,
    ts,
    openInterest,
    openInterestUsd: null,
    markPrice: null,
    fundingRate: null,
    source: 'realtime',
    everySec: 10,
    volume24h: null,
    d: [null, null, null, null],
    dUsd: [null, null, null, null],
    p: [null, null, null, null],
    seq: 1,
  })) as unknown as BoardRow[];
}

describe('rows that wait for their evaluation', () => {
  it('are counted where there are too many, the oldest first, and a change of method stays', () => {
    const counted: number[] = [];
    const feed = createRuleFeed((rows) => counted.push(rows));
    feed.open(() => undefined);
    feed.add(windowOf(10_000, 100), 10_000);
    feed.add(windowOf(20_000, 200), 20_000);
    for (let i = 3; i <= 103; i += 1) feed.add(windowOf(i * 10_000, 200 + i / 100), i * 10_000);
    const left = counted.reduce((sum, rows) => sum + rows, 0);
    expect(feed.leftOut()).toEqual({ rows: left, lastAt: 30_000 });
    const items = feed.drain();
    expect(items.filter((it) => 'change' in it)).toMatchObject([{ change: { factor: 2 } }]);
    expect(items.filter((it) => 'row' in it)).toHaveLength(KEPT);
    // Of 103 windows; the suspect samples of the change do not wait.
    expect(left).toBe(102 * SYMBOLS - KEPT);
  });

  it('are those of the last 20 s where the node takes the evaluation over, with what follows', () => {
    const feed = createRuleFeed(() => undefined);
    for (let i = 1; i <= 5; i += 1) feed.add(windowOf(i * 10_000, 100), i * 10_000);
    feed.open(() => undefined);
    feed.add(windowOf(60_000, 100), 60_000);
    const times = feed.drain().map((it) => ('row' in it ? it.row.ts : null));
    expect([...new Set(times)]).toEqual([40_000, 50_000, 60_000]);
    feed.close();
    expect(feed.waiting()).toBe(0);
  });

  it('have a change of method among them that no node may have stored before the takeover', () => {
    const feed = createRuleFeed(() => undefined);
    feed.add(windowOf(10_000, 100), 10_000);
    feed.add(windowOf(20_000, 200), 20_000);
    feed.add(windowOf(30_000, 201), 30_000);
    feed.open(() => undefined);
    const kinds = feed.drain().map((it) => ('row' in it ? it.row.ts : it.change.factor));
    expect([...new Set(kinds)]).toEqual([2, 30_000]);
  });

  it('are not left out while another node evaluates', () => {
    const feed = createRuleFeed(() => undefined);
    for (let i = 1; i <= 110; i += 1) feed.add(windowOf(i * 10_000, 100), i * 10_000);
    expect([feed.waiting(), feed.leftOut().rows]).toEqual([2 * SYMBOLS, 0]);
  });
});
