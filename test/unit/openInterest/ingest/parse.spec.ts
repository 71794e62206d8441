import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';
import { ValidationError } from '../../../../src/kit/errors.ts';
import {
  normaliseSymbol,
  parseChunk,
  type ParsedChunk,
  type ParseRules,
} from '../../../../src/openInterest/ingest/parse.ts';
import type { RejectedItem } from '../../../../src/openInterest/ingest/ingest.types.ts';
import { anItem } from '../../../support/builders.ts';

const NOW = Date.UTC(2026, 10, 20, 14);
const RULES: ParseRules = { now: NOW, retentionDays: 30, admits: () => true };

/** Anything that JSON can express. */
function parse(json: string, rules: Partial<ParseRules> = {}): ParsedChunk {
  return parseChunk(JSON.parse(json), { ...RULES, ...rules });
}

function parseItems(items: readonly unknown[], envelope: object = {}, rules: Partial<ParseRules> = {}) {
  return parse(JSON.stringify({ data: items, ...envelope }), rules);
}

/** One item as JSON text, because JSON has values that JavaScript literals have not: 1e400, `__proto__`. */
function parseItem(json: string, rules: Partial<ParseRules> = {}): ParsedChunk {
  return parse(`{"data":[${json}],"source":"realtime"}`, rules);
}

function onlySample(chunk: ParsedChunk) {
  expect([chunk.samples.length, chunk.rejected]).toEqual([1, []]);
  return chunk.samples[0]!.sample;
}

function refusalOf(task: () => unknown): ValidationError {
  try {
    task();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ValidationError);
    return thrown as ValidationError;
  }
  throw new Error('it was taken');
}

/** Parses a bad item alone, and between two good ones. */
function expectRefused(json: string, code: RejectedItem['code']): void {
  const alone = refusalOf(() => parseItem(json));
  expect([alone.status, alone.code]).toEqual([400, 'no_valid_items']);
  expect(alone.details).toEqual([
    { path: 'data[0]', message: expect.stringMatching(new RegExp(`^${code}: .`)) },
  ]);
  const chunk = parseItem(`${JSON.stringify(anItem('AUSDT'))},${json},${JSON.stringify(anItem('BUSDT'))}`);
  expect(chunk.samples.map((it) => it.sample.symbol)).toEqual(['AUSDT', 'BUSDT']);
  expect(chunk.rejected).toEqual([expect.objectContaining({ index: 1, code })]);
}

describe('envelope', () => {
  it.each([
    ['null', 'null'],
    ['an array', '[]'],
    ['text', '"x"'],
    ['a number', '1'],
    ['an object without data', '{}'],
    ['data null', '{"data":null}'],
    ['data as an object', '{"data":{"0":{"symbol":"BTCUSDT","openInterest":1}}}'],
    ['data as text', '{"data":"BTCUSDT"}'],
    ['own __proto__ carrying data', '{"__proto__":{"data":[{"symbol":"BTCUSDT","openInterest":1}]}}'],
  ])("X1 is refused with the original's message when it is %s", (_case, json) => {
    const error = refusalOf(() => parse(json));
    expect([error.status, error.code]).toEqual([400, 'invalid_payload']);
    expect(error.message).toMatch(/^Invalid payload: /);
    if (json.startsWith('{')) expect(error.message).toBe('Invalid payload: data array required');
  });

  it.each([
    ['no item', [], 'must hold at least one item'],
    ['501 items', Array.from({ length: 501 }, () => anItem('BTCUSDT')), 'must hold at most 500 items'],
  ])('X1 is refused with %s', (_case, items, message) => {
    const error = refusalOf(() => parseItems(items));
    expect([error.status, error.code]).toEqual([400, 'invalid_payload']);
    expect(error.message).toContain(message);
  });

  it('is accepted with 500 items', () => {
    expect(parseItems(Array.from({ length: 500 }, (_, i) => anItem(`S${i}`))).samples).toHaveLength(500);
  });

  it.each([
    ['an unknown source', { source: 'binance' }, 'source'],
    ['a source in capitals', { source: 'REALTIME' }, 'source'],
    ['a source that is a number', { source: 3 }, 'source'],
    ['a source null', { source: null }, 'source'],
    ['totalSymbols below zero', { totalSymbols: -1 }, 'totalSymbols'],
    ['totalSymbols in parts', { totalSymbols: 1.5 }, 'totalSymbols'],
    ['totalSymbols as text', { totalSymbols: '343' }, 'totalSymbols'],
    ['a timestamp null', { timestamp: null }, 'timestamp'],
    ['a timestamp of a date only', { timestamp: '2026-11-20' }, 'timestamp'],
    ['a timestamp without a zone', { timestamp: '2026-11-20T14:00:00' }, 'timestamp'],
    ['a timestamp on 30 February', { timestamp: '2026-02-30T14:00:00Z' }, 'timestamp'],
    ['a timestamp at 24:00', { timestamp: '2026-11-20T24:00:00Z' }, 'timestamp'],
    ['a timestamp in the year 275760', { timestamp: '+275760-09-13T00:00:00Z' }, 'timestamp'],
    ['an empty timestamp', { timestamp: '' }, 'timestamp'],
    ['a timestamp object', { timestamp: {} }, 'timestamp'],
    ['a timestamp in a list', { timestamp: [NOW] }, 'timestamp'],
    ['a timestamp in words', { timestamp: 'now' }, 'timestamp'],
  ])('X1 is refused with %s and the name of the field', (_case, envelope, field) => {
    const error = refusalOf(() => parseItems([anItem('BTCUSDT')], envelope));
    expect([error.status, error.code]).toEqual([400, 'invalid_payload']);
    expect(error.details).toEqual([
      { path: field, message: expect.stringMatching(/^must be (?!.*expected)/) },
    ]);
  });

  it.each([
    ['an hour ahead', NOW + 60 * MINUTE_MS, 'ts_in_future'],
    ['an hour ahead, as text', new Date(NOW + 60 * MINUTE_MS).toISOString(), 'ts_in_future'],
    ['in 1970', 0, 'ts_too_old'],
    ['in seconds', NOW / 1_000, 'ts_too_old'],
    ['below zero', -1, 'ts_too_old'],
    ['beyond any date', 1e308, 'ts_in_future'],
    ['past retention', NOW - 31 * DAY_MS, 'ts_too_old'],
  ])('X1 is refused with a timestamp %s, as all items depend on it', (_case, timestamp, code) => {
    const error = refusalOf(() => parseItems([anItem('AUSDT'), anItem('BUSDT')], { timestamp }));
    expect([error.status, error.code]).toEqual([400, 'no_valid_items']);
    expect(error.details?.map((it) => it.message.split(':')[0])).toEqual([code, code]);
  });

  it('is refused with a timestamp that JSON reads as infinite', () => {
    const error = refusalOf(() => parse('{"data":[{"symbol":"A","openInterest":1}],"timestamp":1e400}'));
    expect(error.status).toBe(400);
  });

  it('may have unknown fields, which are dropped', () => {
    const chunk = parseItems([anItem('BTCUSDT', { exchange: 'x', source: 'realtime' })], { version: 9 });
    expect(Object.keys(onlySample(chunk)).toSorted()).toEqual(
      ['fundingRate', 'markPrice', 'openInterest', 'openInterestUsd', 'source', 'symbol', 'ts'].toSorted(),
    );
  });
});

describe('symbol of an item', () => {
  it.each([
    ['missing', '{"openInterest":1}'],
    ['null', '{"symbol":null,"openInterest":1}'],
    ['empty', '{"symbol":"","openInterest":1}'],
    ['a number', '{"symbol":123,"openInterest":1}'],
    ['an array', '{"symbol":["BTCUSDT"],"openInterest":1}'],
    ['an object', '{"symbol":{},"openInterest":1}'],
    ['a space inside', '{"symbol":"BTC USDT","openInterest":1}'],
    ['a line end', '{"symbol":"BTCUSDT\\n","openInterest":1}'],
    ['a header behind a line end', '{"symbol":"BTCUSDT\\r\\nX-Evil: 1","openInterest":1}'],
    ['NUL', '{"symbol":"BTC\\u0000USDT","openInterest":1}'],
    ['a zero-width space', '{"symbol":"BTC\\u200bUSDT","openInterest":1}'],
    ['full-width letters', '{"symbol":"ＢＴＣ","openInterest":1}'],
    ['an accent as a character of its own', '{"symbol":"E\\u0301USDT","openInterest":1}'],
    ['a superscript', '{"symbol":"BTC²","openInterest":1}'],
    ['an emoji', '{"symbol":"🚀USDT","openInterest":1}'],
    ['a lone surrogate', '{"symbol":"BTC\\ud83dUSDT","openInterest":1}'],
    ['33 characters', `{"symbol":"${'A'.repeat(33)}","openInterest":1}`],
    ['100 kB', `{"symbol":"${'A'.repeat(100_000)}","openInterest":1}`],
    ['__proto__', '{"symbol":"__proto__","openInterest":1}'],
    ['a dash in front', '{"symbol":"-BTCUSDT","openInterest":1}'],
    ['a dash behind', '{"symbol":"BTCUSDT-","openInterest":1}'],
    ['two dashes together', '{"symbol":"BTC--USDT","openInterest":1}'],
    ['only a dash', '{"symbol":"-","openInterest":1}'],
    ['SQL', `{"symbol":"'; DROP TABLE open_interest_latest","openInterest":1}`],
    ['HTML', '{"symbol":"<script>","openInterest":1}'],
    ['a path', '{"symbol":"../../etc","openInterest":1}'],
    ['a letter that has no capital of its own', '{"symbol":"ǰUSDT","openInterest":1}'],
    ['32 letters that become 64 in capitals', `{"symbol":"${'ß'.repeat(32)}","openInterest":1}`],
  ])('I9 X1 is refused when it is %s', (_case, json) => {
    expectRefused(json, 'symbol_invalid');
  });

  it.each([
    ['BTCUSDT', 'BTCUSDT'],
    ['btcusdt', 'BTCUSDT'],
    ['BTC-USDT', 'BTCUSDT'],
    ['btc_usdt-perp', 'BTCUSDTPERP'],
    ['1000PEPEUSDT', '1000PEPEUSDT'],
    ['BTCUSDT_260925', 'BTCUSDT260925'],
    ['币安人生USDT', '币安人生USDT'],
    ['T', 'T'],
    ['7', '7'],
    ['constructor', 'CONSTRUCTOR'],
    ['toString', 'TOSTRING'],
    ['straße', 'STRASSE'],
    ['A'.repeat(32), 'A'.repeat(32)],
    ['𠀀'.repeat(32), '𠀀'.repeat(32)],
  ])('C6 is accepted as %s and stored as %s', (raw, symbol) => {
    expect(onlySample(parseItem(JSON.stringify({ symbol: raw, openInterest: 1 }))).symbol).toBe(symbol);
  });

  it('is its own normal form, so that a stored symbol can be queried by its name', () => {
    const anyLetters = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const anyCodePoints = fc
      .array(fc.integer({ min: 0x30, max: 0x2_ffff }), { minLength: 1, maxLength: 4 })
      .map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(fc.oneof(anyLetters, anyCodePoints), (raw) => {
        const symbol = normaliseSymbol(raw);
        if (symbol === null) return;
        expect(normaliseSymbol(symbol)).toBe(symbol);
        expect(symbol).not.toMatch(/[^\p{L}\p{N}]/u);
        expect(symbol.isWellFormed()).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is its own normal form for every single letter and digit', () => {
    const unstable: string[] = [];
    for (let point = 0; point <= 0x10_ffff; point += 1) {
      const symbol = normaliseSymbol(String.fromCodePoint(point));
      if (symbol !== null && normaliseSymbol(symbol) !== symbol) unstable.push(symbol);
    }
    expect(unstable).toEqual([]);
  });
});

describe('contracts of an item', () => {
  it.each([
    ['null', 'null'],
    ['text', '"5"'],
    ['NaN as text', '"NaN"'],
    ['true', 'true'],
    ['a list', '[5]'],
    ['an object', '{}'],
    ['below zero', '-1'],
    ['1e400', '1e400'],
    ['-1e400', '-1e400'],
    ['400 digits', '9'.repeat(400)],
    ['ten times what can be', '1e16'],
  ])('I9 X1 are refused when they are %s', (_case, value) => {
    expectRefused(`{"symbol":"BTCUSDT","openInterest":${value},"markPrice":2}`, 'open_interest_invalid');
  });

  it.each([
    ['nothing to derive them from', ''],
    ['a price only', ',"markPrice":2'],
    ['a USD value only', ',"openInterestUsd":10'],
    ['a USD value and a zero price', ',"openInterestUsd":10,"markPrice":0'],
    ['a USD value of zero', ',"openInterestUsd":0,"markPrice":2'],
    ['a USD value and a price that make too many', ',"openInterestUsd":1e18,"markPrice":1e-9'],
    ['a USD value and a price that make infinitely many', ',"openInterestUsd":1e18,"markPrice":5e-324'],
    ['a USD value and a price that make none', ',"openInterestUsd":5e-324,"markPrice":1e9'],
  ])('I9 L1 are refused when they are absent with %s', (_case, rest) => {
    expectRefused(`{"symbol":"BTCUSDT"${rest}}`, 'open_interest_missing');
  });

  it('are derived from the USD value and the price when absent', () => {
    const sample = onlySample(parseItem('{"symbol":"BTCUSDT","openInterestUsd":10,"markPrice":2.5}'));
    expect(sample).toMatchObject({ openInterest: 4, openInterestUsd: 10, markPrice: 2.5 });
  });

  it.each([
    ['0', 0],
    ['-0', 0],
    ['0.0', 0],
    ['1e-400', 0],
    ['5e-324', 5e-324],
    ['1e15', 1e15],
    ['90761.482', 90_761.482],
  ])('P3 are stored as %s, to the last bit', (value, openInterest) => {
    const sample = onlySample(parseItem(`{"symbol":"BTCUSDT","openInterest":${value}}`));
    expect(Object.is(sample.openInterest, openInterest)).toBe(true);
  });

  it('L1 C4 stay zero when zero, with a USD value of zero at any price', () => {
    const sample = onlySample(
      parseItem('{"symbol":"BTCUSDT","openInterest":0,"openInterestUsd":0,"markPrice":2}'),
    );
    expect(sample).toMatchObject({ openInterest: 0, openInterestUsd: 0, markPrice: 2 });
  });
});

describe('price of an item', () => {
  it.each([
    ['absent', ''],
    ['0', ',"markPrice":0'],
    ['0.0, as the original sends it', ',"markPrice":0.0,"openInterestUsd":0.0'],
    ['below zero', ',"markPrice":-1'],
    ['null', ',"markPrice":null'],
    ['1e-400', ',"markPrice":1e-400'],
    ['1e400', ',"markPrice":1e400'],
    ['over what can be', ',"markPrice":1e10'],
    ['text', ',"markPrice":"93041.35"'],
    ['a list', ',"markPrice":[2]'],
    ['absent, and the USD value is no number', ',"openInterestUsd":"5"'],
    ['absent, and the USD value is below zero', ',"openInterestUsd":-5'],
    ['absent, and the USD value is infinite', ',"openInterestUsd":1e400'],
  ])('L1 C4 leaves the USD value unknown and the contracts unchanged when it is %s', (_case, rest) => {
    const sample = onlySample(parseItem(`{"symbol":"BTCUSDT","openInterest":5${rest}}`));
    expect(sample).toMatchObject({ openInterest: 5, openInterestUsd: null, markPrice: null });
  });

  it('L1 is not needed when the item has a USD value', () => {
    const sample = onlySample(
      parseItem('{"symbol":"BTCUSDT","openInterest":5,"openInterestUsd":10,"markPrice":0}'),
    );
    expect(sample).toMatchObject({ openInterestUsd: 10, markPrice: null });
  });

  it('L1 determines the USD value when the item has zero for it, as the original sends without a price', () => {
    const sample = onlySample(
      parseItem('{"symbol":"BTCUSDT","openInterest":5,"openInterestUsd":0,"markPrice":2}'),
    );
    expect(sample.openInterestUsd).toBe(10);
  });

  it('does not override the USD value of the item', () => {
    const sample = onlySample(
      parseItem('{"symbol":"BTCUSDT","openInterest":5,"openInterestUsd":11,"markPrice":2}'),
    );
    expect(sample.openInterestUsd).toBe(11);
  });

  it('L1 never turns a nonzero value into zero, zero into -0, or anything into infinity', () => {
    const anyNumber = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 5e-324, 1e-300, 1e9, 1e15, 1e18, 1e300),
    );
    const anyItem = fc.record(
      { openInterest: anyNumber, openInterestUsd: anyNumber, markPrice: anyNumber, fundingRate: anyNumber },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyItem, (item) => {
        const body = { data: [{ symbol: 'AUSDT', ...item }, anItem('BUSDT')] };
        const sample = parseChunk(body, RULES).samples.find((it) => it.sample.symbol === 'AUSDT')?.sample;
        if (sample === undefined) return;
        const { openInterest, openInterestUsd, markPrice, fundingRate } = sample;
        for (const value of [openInterest, openInterestUsd, markPrice, fundingRate]) {
          expect(value === null || (Number.isFinite(value) && !Object.is(value, -0))).toBe(true);
        }
        expect(openInterest).toBeLessThanOrEqual(1e15);
        expect(markPrice).not.toBe(0);
        if (openInterest === 0) expect(item.openInterest === 0).toBe(true);
        if (openInterestUsd === 0) expect(openInterest).toBe(0);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('other fields of an item', () => {
  it.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['text', '"BTC"'],
    ['a number', '5'],
    ['true', 'true'],
  ])('I9 X1 is refused as a whole when it is %s', (_case, json) => {
    expectRefused(json, 'item_invalid');
  });

  it('I9 X1 is refused with an unknown source', () => {
    expectRefused('{"symbol":"BTCUSDT","openInterest":1,"source":"binance"}', 'source_invalid');
  });

  it.each([
    ['null', 'null'],
    ['a date only', '"2026-11-20"'],
    ['without a zone', '"2026-11-20T14:00:00"'],
    ['1e400', '1e400'],
    ['a list', '[1]'],
  ])('I9 X1 is refused with a time that is %s', (_case, ts) => {
    expectRefused(`{"symbol":"BTCUSDT","openInterest":1,"ts":${ts}}`, 'ts_invalid');
  });

  it.each([
    [NOW + 60 * SECOND_MS + 1, 'ts_in_future'],
    [NOW - 30 * DAY_MS - 1, 'ts_too_old'],
    [0, 'ts_too_old'],
    [NOW / 1_000, 'ts_too_old'],
  ] as const)('I9 Q6 is refused with the time %d: %s', (ts, code) => {
    expectRefused(`{"symbol":"BTCUSDT","openInterest":1,"ts":${ts}}`, code);
  });

  it.each([NOW + 60 * SECOND_MS, NOW - 30 * DAY_MS])('is accepted at the last valid time: %d', (ts) => {
    expect(onlySample(parseItem(`{"symbol":"BTCUSDT","openInterest":1,"ts":${ts}}`)).ts).toBe(ts);
  });

  it('uses its own time and source before those of the chunk', () => {
    const chunk = parseItems([anItem('AUSDT', { ts: NOW - 5_000, source: 'backfill' }), anItem('BUSDT')], {
      timestamp: NOW - 10_000,
      source: 'realtime',
    });
    expect(chunk.samples.map(({ sample }) => [sample.symbol, sample.ts, sample.source])).toEqual([
      ['AUSDT', NOW - 5_000, 'backfill'],
      ['BUSDT', NOW - 10_000, 'realtime'],
    ]);
  });

  it('is a snapshot of now when neither it nor the chunk has a time and source', () => {
    expect(onlySample(parseItems([anItem('AUSDT')]))).toMatchObject({ ts: NOW, source: 'snapshot' });
  });

  it.each([
    ['as the original writes it', '2026-11-20T13:59:50Z', NOW - 10_000],
    ['with milliseconds', '2026-11-20T13:59:50.123Z', NOW - 10_000 + 123],
    ['with an offset, as Python writes it', '2026-11-20T15:59:50.123456+02:00', NOW - 10_000 + 123],
    ['in epoch ms', NOW - 10_000, NOW - 10_000],
    ['in parts of a ms', NOW - 10_000 + 0.75, NOW - 10_000],
  ])('P3 accepts a time %s, truncated to whole ms', (_case, timestamp, ts) => {
    expect(onlySample(parseItems([anItem('AUSDT')], { timestamp })).ts).toBe(ts);
    expect(onlySample(parseItems([anItem('AUSDT', { ts: timestamp })])).ts).toBe(ts);
  });

  it.each([
    ['0.0001', 0.0001],
    ['-0.02', -0.02],
    ['0', 0],
    ['2', null],
    ['"0.0001"', null],
    ['null', null],
    ['1e400', null],
  ])('reads a funding rate of %s as %d', (given, fundingRate) => {
    const sample = onlySample(parseItem(`{"symbol":"BTCUSDT","openInterest":1,"fundingRate":${given}}`));
    expect(sample.fundingRate).toBe(fundingRate);
  });

  it('L7 passes on the time at which the collector had it, and nothing when that is invalid', () => {
    const times = (rest: string) => {
      const chunk = parseItem(`{"symbol":"BTCUSDT","openInterest":1${rest}}`);
      return [chunk.samples[0]!.fetchedAt, chunk.samples[0]!.spooledAt];
    };
    expect(times(`,"fetchedAt":${NOW - 40},"spooledAt":${NOW - 30}`)).toEqual([NOW - 40, NOW - 30]);
    expect(times('')).toEqual([null, null]);
    expect(times(',"fetchedAt":"now","spooledAt":1e400')).toEqual([null, null]);
  });

  it('C6 is unaffected by an own __proto__, as is every other object', () => {
    const sample = onlySample(
      parseItem('{"__proto__":{"symbol":"EVILUSDT","openInterest":9},"symbol":"BTCUSDT","openInterest":1}'),
    );
    expect(sample).toMatchObject({ symbol: 'BTCUSDT', openInterest: 1 });
    expect(Object.getPrototypeOf(sample)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['symbol']).toBeUndefined();
    expectRefused('{"__proto__":{"symbol":"EVILUSDT","openInterest":9}}', 'symbol_invalid');
  });

  it('uses the last value of a repeated key, as JSON does', () => {
    expect(onlySample(parseItem('{"symbol":"BTCUSDT","openInterest":1,"openInterest":2}')).openInterest).toBe(
      2,
    );
  });
});

describe('a chunk', () => {
  it('keeps both samples of one symbol: the order of samples decides, not the parser', () => {
    const chunk = parseItems([
      anItem('BTCUSDT', { openInterest: 1 }),
      anItem('btc-usdt', { openInterest: 2 }),
    ]);
    expect(chunk.samples.map(({ sample }) => [sample.symbol, sample.openInterest])).toEqual([
      ['BTCUSDT', 1],
      ['BTCUSDT', 2],
    ]);
  });

  it('L1 keeps every item when all prices are missing', () => {
    const items = Array.from({ length: 100 }, (_, i) => ({ symbol: `S${i}`, openInterest: i, markPrice: 0 }));
    const chunk = parseItems(items);
    expect([chunk.received, chunk.samples.length, chunk.rejected]).toEqual([100, 100, []]);
    expect(new Set(chunk.samples.map(({ sample }) => sample.markPrice))).toEqual(new Set([null]));
    expect(chunk.samples.map(({ sample }) => sample.openInterest)).toEqual(
      items.map((it) => it.openInterest),
    );
  });

  it('C5 is refused item by item once the board is full', () => {
    const known = new Set(['AUSDT']);
    const chunk = parseItems(
      [anItem('AUSDT'), anItem('NEWUSDT')],
      {},
      { admits: (symbol) => known.has(symbol) },
    );
    expect(chunk.samples.map(({ sample }) => sample.symbol)).toEqual(['AUSDT']);
    expect(chunk.rejected).toEqual([
      expect.objectContaining({ index: 1, symbol: 'NEWUSDT', code: 'symbol_limit' }),
    ]);
  });

  it('O3 echoes at most 64 characters of a bad symbol, and only text', () => {
    const chunk = parseItems([
      anItem('AUSDT'),
      anItem('!'.repeat(1_000)),
      anItem('x', { symbol: 5 }),
      anItem('x', { symbol: `${'!'.repeat(63)}🚀` }),
      null,
    ]);
    expect(chunk.rejected.map((it) => it.symbol)).toEqual([
      '!'.repeat(64),
      null,
      `${'!'.repeat(63)}\ufffd`,
      null,
    ]);
    for (const { message } of chunk.rejected) expect(message).not.toContain('!!');
  });

  it('I5 accounts for every item, in its place, for any mix', () => {
    const good = fc.integer({ min: 0, max: 999 }).map((i) => anItem(`S${i}USDT`));
    const bad = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.record({ symbol: fc.constant('BTCUSDT'), openInterest: fc.jsonValue({ maxDepth: 1 }) }),
      fc.record({ symbol: fc.string({ unit: 'binary' }), openInterest: fc.constant(1) }),
      fc.record({ symbol: fc.constant('BTCUSDT'), openInterest: fc.constant(1), ts: fc.double() }),
      fc.record({ symbol: fc.constant('BTCUSDT'), openInterest: fc.constant(1), source: fc.string() }),
    );
    const anyItems = fc.array(fc.oneof(good, bad), { minLength: 1, maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(anyItems, fc.integer({ min: 0, max: 20 }), (items, room) => {
        const admitted = new Set<string>();
        const admits = (symbol: string) =>
          admitted.has(symbol) || (admitted.size < room && !!admitted.add(symbol));
        let chunk: ParsedChunk;
        try {
          chunk = parseItems(items, {}, { admits });
        } catch (thrown) {
          expect(thrown).toMatchObject({ status: 400, code: 'no_valid_items' });
          expect((thrown as ValidationError).details).toHaveLength(items.length);
          return;
        }
        expect(chunk.received).toBe(items.length);
        expect(chunk.samples.length + chunk.rejected.length).toBe(items.length);
        const indexes = chunk.rejected.map((it) => it.index);
        expect(indexes).toEqual([...new Set(indexes)].toSorted((a, b) => a - b));
        expect(admitted.size).toBeLessThanOrEqual(room);
      }),
      { numRuns: 500 },
    );
  });
});
