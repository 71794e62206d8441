import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBoard, type Board } from '../../../../src/openInterest/board/board.ts';
import { compareMoments, distinctSamples } from '../../../../src/openInterest/board/merge.ts';
import type { BoardRow, MemberFacts, Sample } from '../../../../src/openInterest/openInterest.types.ts';
import { aSample, membersOf, symbolNames } from '../../../support/builders.ts';
import { anySample } from '../arbitraries.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

function take(board: Board, samples: readonly Sample[]): void {
  for (const sample of samples) board.apply(sample, 'poller');
}

function samplesOf(board: Board): Map<string, Sample> {
  return new Map(Array.from(board.entries(), ({ sample }) => [sample.symbol, sample]));
}

/** Every order of `items`. */
function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}

describe('merging into the board', () => {
  it('I4 L2 has 343 symbols after 100 + 100 + 100 + 43 in each of the 24 orders, and never fewer along the way', () => {
    const names = symbolNames(343);
    const chunks = [names.slice(0, 100), names.slice(100, 200), names.slice(200, 300), names.slice(300)];
    const orders = permutations(chunks);
    expect(orders).toHaveLength(24);
    for (const order of orders) {
      const board = createBoard();
      let size = 0;
      for (const chunk of order) {
        take(
          board,
          chunk.map((symbol) => aSample({ symbol })),
        );
        expect(board.size()).toBe(size + chunk.length);
        size = board.size();
      }
      expect([...board.symbols()].toSorted()).toEqual(names.toSorted());
    }
  });

  it('I3 L2 reaches the same board for any order and interleaving of chunks, and never shows an older row along the way', () => {
    const shuffled = fc
      .array(anySample, { maxLength: 30 })
      // One value a time: the database decides between two values of one time.
      .map((samples) => distinctSamples(samples))
      .chain((samples) =>
        fc.tuple(
          fc.shuffledSubarray(samples, { minLength: samples.length }),
          fc.shuffledSubarray(samples, { minLength: samples.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const boards = [one, other].map((samples) => {
          const board = createBoard();
          for (const sample of samples) {
            const before = board.get(sample.symbol)?.sample;
            board.apply(sample, 'poller');
            const after = board.get(sample.symbol)?.sample;
            if (before) expect(compareMoments(after!, before)).toBeGreaterThanOrEqual(0);
          }
          return samplesOf(board);
        });
        expect(boards[0]).toEqual(boards[1]);
        const newest = new Map<string, Sample>();
        for (const sample of one.filter((it) => it.source !== 'backfill').toSorted(compareMoments)) {
          newest.set(sample.symbol, sample);
        }
        expect(boards[0]).toEqual(newest);
      }),
      { numRuns: 1_000 },
    );
  });

  it('I2 is unchanged when every sample arrives again', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 30 }), (samples) => {
        const board = createBoard();
        take(board, samples);
        board.closeWindow();
        const before = samplesOf(board);
        const version = board.version();
        take(board, samples);
        expect(samplesOf(board)).toEqual(before);
        expect(board.version()).toBe(version);
        expect(board.hasUnpublished()).toBe(false);
      }),
    );
  });

  it('M2 does not flip between realtime and snapshot of the same time, in either order', () => {
    const realtime = aSample({ ts: NOON, source: 'realtime', openInterest: 1 });
    const snapshot = aSample({ ts: NOON, source: 'snapshot', openInterest: 2 });
    for (const order of permutations([realtime, snapshot, realtime, snapshot])) {
      const board = createBoard();
      take(board, order);
      expect(board.get('BTCUSDT')?.row).toMatchObject({ source: 'realtime', openInterest: 1 });
    }
  });

  it('M2 replaces a realtime sample by a newer snapshot, not by an older one', () => {
    const board = createBoard();
    take(board, [aSample({ ts: NOON }), aSample({ ts: NOON - 1, source: 'snapshot', openInterest: 7 })]);
    expect(board.get('BTCUSDT')?.row.source).toBe('realtime');
    take(board, [aSample({ ts: NOON + 1, source: 'snapshot', openInterest: 7 })]);
    expect(board.get('BTCUSDT')?.row).toMatchObject({ source: 'snapshot', openInterest: 7 });
  });

  it("I2 keeps a poller's first version of a sample and accepts the database's", () => {
    const board = createBoard();
    expect(board.apply(aSample({ openInterest: 1 }), 'poller')).toBe('replace');
    expect(board.apply(aSample({ openInterest: 2 }), 'poller')).toBe('same');
    expect(board.get('BTCUSDT')?.row.openInterest).toBe(1);
    expect(board.apply(aSample({ openInterest: 2 }), 'database')).toBe('replace');
    expect(board.get('BTCUSDT')?.row.openInterest).toBe(2);
    expect(board.apply(aSample({ openInterest: 2 }), 'database')).toBe('same');
  });

  it('excludes backfill, even for an otherwise unknown symbol', () => {
    const board = createBoard();
    expect(board.apply(aSample({ source: 'backfill' }), 'poller')).toBe('older');
    expect(board.apply(aSample({ source: 'backfill' }), 'database')).toBe('older');
    expect([board.size(), board.hasUnpublished()]).toEqual([0, false]);
  });

  it('L1 C4 keeps an unknown USD value unknown and a zero zero', () => {
    const board = createBoard();
    take(board, [
      aSample({ symbol: 'UNKNOWNUSDT', openInterestUsd: null, markPrice: null }),
      aSample({ symbol: 'ZEROUSDT', openInterest: 0, openInterestUsd: 0 }),
    ]);
    expect(board.get('UNKNOWNUSDT')?.row).toMatchObject({ openInterestUsd: null, markPrice: null });
    expect(board.get('ZEROUSDT')?.row).toMatchObject({ openInterest: 0, openInterestUsd: 0 });
  });

  it('L1 C4 replaces a known USD value by a newer unknown one', () => {
    const board = createBoard();
    take(board, [aSample({ ts: NOON }), aSample({ ts: NOON + 1, openInterestUsd: null, markPrice: null })]);
    expect(board.get('BTCUSDT')?.row.openInterestUsd).toBeNull();
  });

  it('L3 gives each row the time of its own sample', () => {
    const board = createBoard();
    take(board, [aSample({ symbol: 'AUSDT', ts: NOON }), aSample({ symbol: 'BUSDT', ts: NOON - 600_000 })]);
    take(board, [aSample({ symbol: 'AUSDT', ts: NOON + 5_000 })]);
    expect(Array.from(board.entries(), ({ row }) => [row.symbol, row.ts])).toEqual([
      ['AUSDT', NOON + 5_000],
      ['BUSDT', NOON - 600_000],
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'C6 accepts a symbol named %s',
    (symbol) => {
      const board = createBoard();
      expect(board.get(symbol)).toBeUndefined();
      board.apply(aSample({ symbol }), 'poller');
      expect(board.get(symbol)?.row.symbol).toBe(symbol);
      expect(board.size()).toBe(1);
      board.remove(symbol);
      expect(board.since(null).rows).toEqual([]);
      expect(({} as Record<string, unknown>)['symbol']).toBeUndefined();
    },
  );
});

describe('a symbol removed from the board', () => {
  it('B3 does not return with an older sample than its last', () => {
    const board = createBoard();
    board.apply(aSample({ ts: NOON }), 'poller');
    board.remove('BTCUSDT');
    expect(board.apply(aSample({ ts: NOON - 1 }), 'poller')).toBe('older');
    expect(board.apply(aSample({ ts: NOON, source: 'snapshot' }), 'database')).toBe('older');
    expect(board.get('BTCUSDT')).toBeUndefined();
  });

  it('returns with its last sample or a newer one', () => {
    const board = createBoard();
    board.apply(aSample({ ts: NOON }), 'poller');
    board.remove('BTCUSDT');
    expect(board.apply(aSample({ ts: NOON }), 'database')).toBe('replace');
    board.remove('BTCUSDT');
    expect(board.apply(aSample({ ts: NOON + 1 }), 'poller')).toBe('replace');
    expect(board.get('BTCUSDT')?.row.ts).toBe(NOON + 1);
  });

  it('has a tombstone for clients that saw it, until it returns', () => {
    const board = createBoard();
    board.apply(aSample(), 'poller');
    const seen = { epoch: board.epoch, seq: board.closeWindow().seq };
    board.remove('BTCUSDT');
    expect(board.closeWindow().rows).toEqual([{ symbol: 'BTCUSDT', removed: true, seq: 2 }]);
    expect(board.since(seen)).toMatchObject({
      full: false,
      rows: [{ symbol: 'BTCUSDT', removed: true, seq: 2 }],
    });
    expect(board.since(null)).toMatchObject({ full: true, rows: [] });
    board.apply(aSample({ ts: aSample().ts + 1 }), 'poller');
    expect(board.since(seen).rows).toMatchObject([{ symbol: 'BTCUSDT', openInterest: 90_761.482 }]);
  });

  it('is published once when removed twice, and not at all when it was never there', () => {
    const board = createBoard();
    board.apply(aSample(), 'poller');
    board.closeWindow();
    board.remove('BTCUSDT');
    board.remove('BTCUSDT');
    board.remove('ETHUSDT');
    expect(board.closeWindow().rows).toHaveLength(1);
    board.remove('BTCUSDT');
    expect(board.hasUnpublished()).toBe(false);
  });
});

describe('windows', () => {
  it('count up by one, each from the end of the last, with only the changed rows', () => {
    const board = createBoard({ epoch: 'E' });
    take(board, [aSample({ symbol: 'AUSDT' }), aSample({ symbol: 'BUSDT' })]);
    const rowsOf = (update: { rows: readonly { symbol: string }[] }) => update.rows.map((row) => row.symbol);
    const first = board.closeWindow();
    expect([first.epoch, first.from, first.seq, rowsOf(first)]).toEqual(['E', 0, 1, ['AUSDT', 'BUSDT']]);
    take(board, [aSample({ symbol: 'BUSDT', ts: NOON + 86_400_000 })]);
    const second = board.closeWindow();
    expect([second.from, second.seq, rowsOf(second)]).toEqual([1, 2, ['BUSDT']]);
    const third = board.closeWindow();
    expect([third.from, third.seq, rowsOf(third)]).toEqual([2, 3, []]);
  });

  it('L6 contain a symbol once, however often it changed in the window', () => {
    const board = createBoard();
    take(
      board,
      Array.from({ length: 50 }, (_, i) => aSample({ ts: NOON + i })),
    );
    expect(board.closeWindow().rows).toMatchObject([{ symbol: 'BTCUSDT', ts: NOON + 49, seq: 1 }]);
  });

  it('contain a change of volume, but no unchanged volume', () => {
    const board = createBoard();
    take(board, [aSample({ symbol: 'AUSDT' }), aSample({ symbol: 'BUSDT' })]);
    board.setMembers(
      membersOf([
        ['AUSDT', 5],
        ['BUSDT', 6],
      ]),
    );
    board.closeWindow();
    board.setMembers(
      membersOf([
        ['AUSDT', 5],
        ['CUSDT', 7],
      ]),
    );
    expect(board.closeWindow().rows).toMatchObject([
      { symbol: 'BUSDT', volume24h: null, fundingHours: null, seq: 2 },
    ]);
    take(board, [aSample({ symbol: 'CUSDT' })]);
    expect(board.get('CUSDT')?.row).toMatchObject({ volume24h: 7, fundingHours: 8 });
  });

  it('contain interval, supply and sectors when one is new, not with each sample or volume', () => {
    const board = createBoard();
    const traits = { fundingHours: 4, supply: 2e7, sectors: ['PoW'] };
    const setMember = (facts: Partial<MemberFacts>) =>
      board.setMembers(new Map([['BTCUSDT', { volume24h: 2, ...traits, ...facts }]]));
    setMember({});
    take(board, [aSample({ ts: NOON })]);
    expect(board.closeWindow().rows).toMatchObject([traits]);
    take(board, [aSample({ ts: NOON + 1 })]);
    setMember({ volume24h: 3, sectors: ['PoW'] });
    const [row] = board.closeWindow().rows;
    expect(row).toMatchObject({ volume24h: 3 });
    for (const trait of Object.keys(traits)) expect(row).not.toHaveProperty(trait);
    expect(board.get('BTCUSDT')?.row).toMatchObject(traits);
    for (const change of [{ supply: null }, { sectors: [] }, { sectors: null }, {}]) {
      setMember(change);
      expect(board.closeWindow().rows).toMatchObject([{ ...traits, ...change }]);
    }
  });
});

describe('since', () => {
  function aBoard(): Board {
    const board = createBoard({ epoch: 'E' });
    take(board, [aSample({ symbol: 'AUSDT', ts: NOON })]);
    board.closeWindow();
    take(board, [aSample({ symbol: 'BUSDT', ts: NOON })]);
    board.closeWindow();
    return board;
  }

  it.each([
    ['no position', null],
    ['a position of another epoch', { epoch: 'F', seq: 1 }],
    ['a position ahead of the board', { epoch: 'E', seq: 3 }],
  ])('returns everything for %s', (_case, position) => {
    const read = aBoard().since(position);
    expect(read).toMatchObject({ full: true, seq: 2 });
    expect(read.from).toBeUndefined();
    expect(read.rows.map((row) => row.symbol)).toEqual(['AUSDT', 'BUSDT']);
  });

  it.each([
    [0, ['AUSDT', 'BUSDT']],
    [1, ['BUSDT']],
    [2, []],
  ])('returns what is newer than %i', (seq, symbols) => {
    const read = aBoard().since({ epoch: 'E', seq });
    expect(read).toMatchObject({ full: false, from: seq, seq: 2 });
    expect(read.rows.map((row) => row.symbol)).toEqual(symbols);
  });

  it('includes a change that waits for its window, under the seq of that window', () => {
    const board = aBoard();
    take(board, [aSample({ symbol: 'AUSDT', ts: NOON + 1 })]);
    expect(board.since({ epoch: 'E', seq: 2 })).toMatchObject({
      full: false,
      seq: 2,
      rows: [{ symbol: 'AUSDT', ts: NOON + 1, seq: 3 }],
    });
    expect(board.closeWindow()).toMatchObject({ seq: 3, rows: [{ symbol: 'AUSDT', seq: 3 }] });
  });

  it('has a different epoch for every run of a board', () => {
    expect(new Set(Array.from({ length: 100 }, () => createBoard().epoch)).size).toBe(100);
  });
});

describe('everySec', () => {
  function everySecOf(gapsSec: readonly number[], source: Sample['source'] = 'realtime'): number {
    const board = createBoard();
    let ts = NOON;
    board.apply(aSample({ ts, source }), 'poller');
    for (const gap of gapsSec) {
      ts += gap * 1_000;
      board.apply(aSample({ ts, source }), 'poller');
    }
    return (board.get('BTCUSDT')!.row satisfies BoardRow).everySec;
  }

  it.each([
    ['realtime', 30],
    ['snapshot', 300],
    ['snapshot_legacy', 300],
  ] as const)('is assumed for a first %s sample: %i s', (source, everySec) => {
    expect(everySecOf([], source)).toBe(everySec);
  });

  it.each([5, 10, 12, 20, 60])('is within 2 s of a new pace of %i s after ten samples', (pace) => {
    expect(Math.abs(everySecOf(Array.from({ length: 10 }, () => pace)) - pace)).toBeLessThanOrEqual(2);
  });

  it('L3 is unaffected by an outage: the next silence is noticed as fast as before', () => {
    const steady = Array.from({ length: 20 }, () => 10);
    const before = everySecOf(steady);
    expect(everySecOf([...steady, 3_600])).toBe(before);
    expect(everySecOf([...steady, 3_600, 10])).toBe(before);
    expect(everySecOf([...steady, 200])).toBe(before);
    expect(everySecOf([...steady, 60, 10, 10, 200, 10])).toBe(before);
  });

  it('is the first gap, however long, when nothing else is known', () => {
    expect(everySecOf([300])).toBe(300);
    expect(everySecOf([10, 300])).toBeLessThan(60);
  });

  it('follows a slowing poller at its second long gap, as that is no outage', () => {
    const steady = Array.from({ length: 20 }, () => 10);
    expect(everySecOf([...steady, 300])).toBe(everySecOf(steady));
    expect(everySecOf([...steady, 300, 302])).toBe(300);
    expect(everySecOf([...steady, 300, 302, 298, 301])).toBeGreaterThanOrEqual(299);
  });

  it('is derived from the last day of a symbol when a node starts', () => {
    const everySecAfter = (gapsSec: readonly number[]) => {
      const board = createBoard({ withLastDay: true });
      let ts = NOON;
      for (const gap of gapsSec) board.fillLastDay('BTCUSDT', aSample({ ts: (ts += gap * 1_000) }));
      board.apply(aSample({ ts }), 'database');
      return board.get('BTCUSDT')!.row.everySec;
    };
    expect(everySecAfter(Array.from({ length: 10 }, () => 300))).toBe(300);
    expect(everySecAfter([...Array.from({ length: 20 }, () => 12), 300, 300, 300, 900, 12])).toBe(12);
    expect(everySecAfter([300, 300])).toBe(30);
  });

  it('is a whole number of seconds from 1 to 900 for any gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { maxLength: 50 }), (gaps) => {
        const everySec = everySecOf(gaps.map((gap) => Math.ceil(gap * 1_000) / 1_000));
        expect(Number.isInteger(everySec)).toBe(true);
        expect(everySec).toBeGreaterThanOrEqual(1);
        expect(everySec).toBeLessThanOrEqual(900);
      }),
    );
  });
});

describe('a board that many invented symbols enter and leave', () => {
  it('C5 keeps a limited number of tombstones, and returns everything to a client older than those', () => {
    const board = createBoard();
    const start = { epoch: board.epoch, seq: board.seq() };
    for (let round = 0; round < 3; round += 1) {
      for (let i = 0; i < 5_000; i += 1) board.apply(aSample({ symbol: `X${round}N${i}` }), 'poller');
      for (const symbol of [...board.symbols()]) board.remove(symbol);
      board.closeWindow();
    }
    expect(board.since(start)).toMatchObject({ full: true, rows: [] });
    const late = board.since({ epoch: board.epoch, seq: 1 });
    expect(late.full).toBe(false);
    expect(late.rows).toHaveLength(10_000);
  });
});
