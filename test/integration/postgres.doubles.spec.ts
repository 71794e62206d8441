import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import {
  parseDoubleArray,
  parseDoubles,
  parsePackedDoubles,
  parsePackedTimes,
  parseTimes,
} from '../../src/platform/database/binaryArrays.ts';
import { execute, selectRow, selectRows } from '../../src/platform/database/postgres.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { withOpened } from '../support/withOpened.ts';

/** 100 tables of 1,000 values: 100,000 in all. */
const RUNS = 100;
const VALUES = 1_000;

/** The ends of the range, the ends of the exact integers, and numbers that a lossy printer gets wrong. */
const SPECIAL = [
  0,
  5e-324,
  -5e-324,
  Number.MIN_VALUE * 3,
  2.2250738585072014e-308,
  1e308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  0.1,
  0.1 + 0.2,
  1 / 3,
  1e21,
  123456789.12345679,
];

/** JSON has no NaN and no infinity; it prints -0 as 0, and so does the database driver. */
const double = fc
  .oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(...SPECIAL))
  .map((value) => value + 0);

describe('doubles and times through the database', () => {
  const database = withOpened(createEmptyDatabase, 'drop');

  beforeAll(async () => {
    await execute(database.pool, 'create table doubles (n int primary key, value double precision)');
    await execute(database.pool, 'create table times (n int primary key, at timestamptz)');
  });

  it('P3 a double round-trips to the bit through JSON, an array parameter, the table and JSON', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(double, { minLength: VALUES, maxLength: VALUES }), async (values) => {
        const sent = z.array(z.number()).parse(JSON.parse(JSON.stringify(values)));
        const stored = await throughTable('doubles', 'value', 'float8', z.number(), sent);
        const answered = z.array(z.number()).parse(JSON.parse(JSON.stringify(stored)));
        expect(bits(answered)).toEqual(bits(values));
        compared += values.length;
      }),
      { numRuns: RUNS, examples: [[repeat(SPECIAL, VALUES)]] },
    );
    expect(compared).toBe(RUNS * VALUES);
  });

  it('P3 a double round-trips to the bit as a single parameter', async () => {
    for (const value of SPECIAL) {
      const [row] = await selectRows(
        database.pool,
        z.object({ value: z.number() }),
        'select $1::float8 as value',
        [value],
      );
      expect(bits([row?.value ?? NaN])).toEqual(bits([value]));
    }
  });

  it('P3 doubles, times and nulls round-trip to the bit through arrays in binary form', async () => {
    const rows = fc.array(
      fc.record({
        double: fc.option(double),
        microseconds: fc.integer({ min: -1e15, max: 3e15 }),
      }),
      { minLength: 1, maxLength: 400 },
    );
    const bytes = z.instanceof(Buffer);
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const { doubles, known, times, packedDoubles, packedTimes } = await selectRow(
          database.pool,
          z.object({ doubles: bytes, known: bytes, times: bytes, packedDoubles: bytes, packedTimes: bytes }),
          `select array_send(array_agg(double)) as doubles,
             array_send(coalesce(array_agg(double) filter (where double is not null), '{}')) as known,
             array_send(array_agg(time)) as times,
             coalesce(string_agg(float8send(double), ''), '') as "packedDoubles",
             string_agg(timestamptz_send(time), '') as "packedTimes"
           from unnest($1::float8[], $2::int8[]) as given (double, microseconds)
           cross join lateral (select 'epoch'::timestamptz + microseconds * interval '1 microsecond' as time) as it`,
          [given.map((it) => it.double), given.map((it) => it.microseconds)],
        );
        expect(parseDoubleArray(doubles)).toEqual(given.map((it) => it.double));
        expect([...parseDoubles(known)]).toEqual(given.flatMap((it) => it.double ?? []));
        expect(parsePackedDoubles(packedDoubles)).toEqual(parseDoubles(known));
        expect(parsePackedTimes(packedTimes)).toEqual(parseTimes(times));
        expect([...parseTimes(times)]).toEqual(given.map((it) => it.microseconds / 1_000));
        if (known.length < doubles.length) expect(() => parseDoubles(doubles)).toThrow('has a null');
      }),
      { numRuns: 50, examples: [[SPECIAL.map((it) => ({ double: it, microseconds: 0 }))]] },
    );
  });

  it('P3 a time keeps its millisecond', async () => {
    const time = fc.date({
      min: new Date('2000-01-01T00:00:00.000Z'),
      max: new Date('2100-01-01T00:00:00.000Z'),
      noInvalidDate: true,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(time, { minLength: 100, maxLength: 100 }), async (times) => {
        const stored = await throughTable('times', 'at', 'timestamptz', z.date(), times);
        expect(stored.map((at) => at.getTime())).toEqual(times.map((at) => at.getTime()));
      }),
      { numRuns: 50 },
    );
  });

  async function throughTable<Value>(
    table: string,
    column: string,
    type: string,
    model: z.ZodType<Value>,
    values: readonly Value[],
  ): Promise<Value[]> {
    await execute(database.pool, `truncate ${table}`);
    await execute(
      database.pool,
      `insert into ${table} (n, ${column})
       select n, value from unnest($1::${type}[]) with ordinality as given (value, n)`,
      [values],
    );
    const rows = await selectRows(
      database.pool,
      z.object({ value: model }),
      `select ${column} as value from ${table} order by n`,
    );
    return rows.map((row) => row.value as Value);
  }
});

/** Compares what `===` does not: the sign of a zero, and values that print alike. */
function bits(values: readonly number[]): string {
  return Buffer.from(Float64Array.from(values).buffer).toString('hex');
}

function repeat(values: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, index) => values[index % values.length] ?? 0);
}
