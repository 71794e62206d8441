import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBoard, type Board } from '../../../../src/openInterest/board/board.ts';
import {
  decodeBody,
  decodeUpdate,
  encodeBody,
  encodeUpdate,
  introducedSymbols,
} from '../../../../src/openInterest/board/frames.shared.ts';
import { encodeWholes } from '../../../../src/openInterest/board/wholeNumbers.shared.ts';
import { WINDOWS, placeChanges } from '../../../../src/openInterest/board/windows.shared.ts';
import { BodyFrame, UpdateFrame } from '../../../../src/openInterest/board/frames.types.ts';
import { Source, type BoardRow } from '../../../../src/openInterest/openInterest.types.ts';
import { aSample, membersOf } from '../../../support/builders.ts';
import { aBody, aRow } from '../../dashboard/boardMessages.ts';

/** What arrives at a client: JSON has neither `undefined` nor -0. */
function overTheWire<Message>(message: Message): Message {
  return JSON.parse(JSON.stringify(message)) as Message;
}

const amount = fc.oneof(
  fc.constantFrom(0, -0, 5e-324, 1e-9, 0.1 + 0.2, 90_761.482, 45_034_798_843, 1e15, 1.7e308),
  fc.double({ min: 0, max: 1e15, noNaN: true }),
);
const change = fc.option(
  fc.oneof(
    fc.integer({ min: -300, max: 300 }),
    fc.constantFrom(0, -0, -10_000, 15, 16, 511, 512, 1e12, -1e12),
  ),
);
const changes = fc.array(change, { minLength: WINDOWS.length, maxLength: WINDOWS.length });

const anyRow: fc.Arbitrary<BoardRow> = fc
  .record({
    symbol: fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
    openInterest: amount,
    openInterestUsd: fc.option(amount),
    isProduct: fc.boolean(),
    markPrice: fc.option(amount),
    fundingRate: fc.option(
      fc.oneof(
        fc.integer({ min: -3_000_000, max: 3_000_000 }).map((it) => it / 1e8),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
    ),
    ts: fc.integer({ min: 0, max: 4e12 }),
    source: fc.constantFrom(...Source.options),
    everySec: fc.constantFrom(5, 12, 300),
    volume24h: fc.option(amount),
    d: changes,
    p: changes,
    dUsd: changes,
    off: fc.array(fc.constantFrom(0, 1, -1), { minLength: WINDOWS.length, maxLength: WINDOWS.length }),
    isDerived: fc.boolean(),
    fundingHours: fc.option(fc.constantFrom(1, 8, null), { nil: undefined }),
    supply: fc.option(fc.option(amount), { nil: undefined }),
    sectors: fc.option(fc.option(fc.subarray(['Layer-1', 'AI'])), { nil: undefined }),
    spark: fc.option(fc.constantFrom('AAAA', null), { nil: undefined }),
    seq: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ isProduct, isDerived, off, d, p, dUsd, ...row }) => ({
    ...row,
    openInterestUsd:
      isProduct && row.markPrice !== null && Number.isFinite(row.openInterest * row.markPrice)
        ? row.openInterest * row.markPrice
        : row.openInterestUsd,
    ...placeChanges({ d, p, dUsd: isDerived ? d.map((it, i) => usdChange(it, p[i]!, off[i]!)) : dUsd }),
  }));

/** As two factors make it, and at most one basis point more or less. */
function usdChange(contracts: number | null, price: number | null, off: number): number | null {
  if (contracts === null || price === null) return null;
  return Math.round((contracts / 1e4 + price / 1e4 + (contracts / 1e4) * (price / 1e4)) * 1e4) + off;
}

const anyRows = fc.uniqueArray(anyRow, { maxLength: 8, selector: (it) => it.symbol });

function numberRows(rows: readonly BoardRow[]): Map<string, number> {
  return new Map(rows.map((it, index) => [it.symbol, index * 3]));
}

describe('frames 2', () => {
  it('carries every board exactly, whatever its rows are', () => {
    fc.assert(
      fc.property(anyRows, fc.boolean(), (rows, hasLeft) => {
        const left = hasLeft ? [{ symbol: 'LEFTUSDT', removed: true as const, seq: 2 }] : [];
        const body = aBody({ seq: 3, rows: [...rows, ...left] });
        const frame = BodyFrame.parse(overTheWire(encodeBody(body, numberRows(rows))));
        expect(decodeBody(frame)).toEqual(overTheWire(body));
        expect(introducedSymbols(frame.rows)).toEqual(
          new Map(Array.from(numberRows(rows), ([symbol, id]) => [id, symbol])),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('carries every update exactly to a board that has the other volumes', () => {
    fc.assert(
      fc.property(anyRows, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (given, isNew) => {
        const rows = given.map((it) => ({ ...it, seq: 7 }));
        const ids = numberRows(rows);
        const known = rows.filter((_, index) => !isNew[index]);
        const fresh = new Set(rows.filter((_, index) => isNew[index]).map((it) => it.symbol));
        const update = { epoch: 'e1', from: 6, seq: 7, asOf: null, serverTime: 1, rows };
        const window = { entered: fresh, newFacts: fresh, ids };
        const frame = UpdateFrame.parse(overTheWire(encodeUpdate(update, window)));
        const held = new Map(overTheWire(known).map((it) => [it.symbol, it]));
        const symbols = new Map(known.map((it) => [ids.get(it.symbol)!, it.symbol]));
        expect(decodeUpdate(frame, symbols, held)).toEqual(overTheWire(update));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves out what a reader has or can compute', () => {
    const rows = [
      aRow({ symbol: 'AUSDT', openInterest: 3, markPrice: 0.1, openInterestUsd: 3 * 0.1 }),
      aRow({ symbol: 'BUSDT', openInterest: 3, markPrice: 0.1, openInterestUsd: 0.29 }),
    ];
    const frame = encodeUpdate(
      { epoch: 'e1', from: 0, seq: 1, asOf: null, serverTime: 0, rows },
      { entered: new Set(), newFacts: new Set(['AUSDT']), ids: numberRows(rows) },
    );
    expect(overTheWire(frame)).toMatchObject({
      ids: [0, 3],
      usd: [1, 0.29],
      vol: [0, rows[0]!.volume24h],
      every: 12,
      source: 'realtime',
    });
    expect(Object.keys(overTheWire(frame))).not.toContain('symbols');
    expect(Object.keys(overTheWire(frame))).not.toContain('spark');
  });

  it.each<[string, (frame: BodyFrame['rows']) => unknown]>([
    ['a column that is too short', (rows) => rows.oi.pop()],
    ['a column of a window that is too long', (rows) => (rows.p[3] += 'A')],
    ['a missing symbol', (rows) => delete rows.symbols],
    ['seqs for other rows', (rows) => (rows.seqs = [1, 2, 3])],
    ['a missing volume', (rows) => delete rows.vol],
    ['an unknown change of USD', (rows) => (rows.dUsd = '!A')],
    ['a change of USD beyond three in each window', (rows) => (rows.dUsd = `${encodeWholes([365])}A`)],
    ['a column that ends within a number', (rows) => (rows.d[0] = 'Ag')],
    ['a change of USD without its values', (rows) => delete rows.dUsdOther],
  ])('refuses %s', (_, spoil) => {
    const rows = [aRow({ symbol: 'AUSDT' }), aRow({ symbol: 'BUSDT' })];
    const frame = overTheWire(encodeBody(aBody({ rows }), numberRows(rows)));
    spoil(frame.rows);
    expect(() => decodeBody(frame)).toThrow(RangeError);
  });
});

describe('numbers of symbols', () => {
  function enter(board: Board, symbol: string, ts = aSample().ts): void {
    board.apply(aSample({ symbol, ts }), 'poller');
  }

  it('name one symbol for the whole epoch, also when it leaves and returns', () => {
    const board = createBoard();
    enter(board, 'AUSDT');
    enter(board, 'BUSDT');
    expect([...board.ids()]).toEqual([
      ['AUSDT', 0],
      ['BUSDT', 1],
    ]);
    board.remove('AUSDT');
    enter(board, 'CUSDT');
    enter(board, 'AUSDT', aSample().ts + 1);
    expect(Object.fromEntries(board.ids())).toEqual({ BUSDT: 1, CUSDT: 2, AUSDT: 3 });
  });

  it('a window names the symbols that entered and those whose member facts changed in it', () => {
    const board = createBoard();
    enter(board, 'AUSDT');
    expect(board.closeWindow()).toMatchObject({
      entered: new Set(['AUSDT']),
      newFacts: new Set(['AUSDT']),
    });
    enter(board, 'BUSDT');
    board.setMembers(membersOf([['AUSDT', 1]]));
    expect(board.closeWindow()).toMatchObject({
      entered: new Set(['BUSDT']),
      newFacts: new Set(['BUSDT', 'AUSDT']),
    });
    enter(board, 'AUSDT', aSample().ts + 1);
    expect(board.closeWindow()).toMatchObject({ entered: new Set(), newFacts: new Set() });
  });
});
