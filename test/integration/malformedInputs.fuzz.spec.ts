import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createFakeClock } from '../support/fakeClock.ts';
import { Refusal } from '../support/openInterestCalls.ts';
import { API_CALLS, callRoute, seedServer } from './apiCalls.ts';
import { withServer } from '../support/withServer.ts';

const SEEDS = [1];
const RUNS = 100;

const { database, server } = withServer({ clock: createFakeClock(), env: { AUTH_DEMO_LOGIN: 'true' } });
beforeAll(() => seedServer(server));

const POSTS = Object.keys(API_CALLS).filter((name) => name.startsWith('POST '));
const GETS = Object.keys(API_CALLS).filter((name) => name.startsWith('GET '));
/** Routes that validate their query. */
const ASKED = GETS.filter((name) => /board|history|samples|snapshot|alerts|doctor|trace/.test(name));
const cases = (names: string[]) => names.flatMap((name) => SEEDS.map((seed) => ({ name, seed })));

/** Texts that parsers, databases and terminals stumble over. */
const AWKWARD = [
  '\0',
  '\ud800',
  '\u2028',
  '\u001b[31m',
  '__proto__',
  '%00',
  "'--",
  '9'.repeat(400),
  '-0',
  '1e400',
];
const text = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
  { arbitrary: fc.constantFrom(...AWKWARD), weight: 2 },
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 2 ** 53, 1e308, -1),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));

type Path = (string | number)[];

/** A good body with one of its parts, however deep, replaced by something else: most of it still passes. */
function mutationsOf(good: unknown): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...pathsOf(good)), fc.oneof(text, value))
    .map(([path, put]) => replaceAt(good, path, put));
}

function pathsOf(it: unknown, at: Path = []): Path[] {
  if (typeof it !== 'object' || it === null) return [at];
  const keys: Path = Array.isArray(it) ? it.map((_, i) => i) : Object.keys(it);
  return [at, ...keys.flatMap((key) => pathsOf((it as Record<string, unknown>)[key], [...at, key]))];
}

function replaceAt(it: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  const copy = structuredClone(it) as Record<string, unknown>;
  copy[key] = replaceAt(copy[key], rest, put);
  return copy;
}

/** Accepted or refused with our error body: never a server error. */
async function expectAnswer(response: Response): Promise<void> {
  const body = await response.text();
  if (response.status >= 500) throw new Error(`answered ${response.status}: ${body}`);
  if (response.status >= 400) Refusal.parse(JSON.parse(body));
}

describe('arbitrary inputs', () => {
  it.each(cases(POSTS))('X1 $name accepts or refuses it (seed $seed)', async ({ name, seed }) => {
    const good = API_CALLS[name]!.body;
    const body = fc.oneof({ arbitrary: mutationsOf(good), weight: 4 }, { arbitrary: value, weight: 1 });
    await fc.assert(
      fc.asyncProperty(body, async (it) =>
        expectAnswer(await callRoute(server, name, undefined, { body: it })),
      ),
      { seed, numRuns: RUNS },
    );
  });

  it.each(cases(ASKED))('X1 $name answers or refuses any query (seed $seed)', async ({ name, seed }) => {
    const path = API_CALLS[name]!.path ?? name.split(' ')[1]!;
    const url = new URL(path, server.url);
    const parameter = fc.constantFrom(
      'symbol',
      'ts',
      'range',
      'limit',
      'before',
      'since',
      'offset',
      'timeframe',
      'format',
      'maxAgeSec',
      'source',
      'direction',
    );
    const query = fc.array(fc.tuple(parameter, fc.oneof(text, number.map(String))), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(query, async (pairs) => {
        const asked = new URLSearchParams([
          ...url.searchParams,
          ...pairs.map(([key, it]) => [key, it.toWellFormed()]),
        ]);
        // The last value of a name must be valid alone: with the others it would be refused as a list.
        for (const [key, it] of pairs) asked.set(key, it.toWellFormed());
        await expectAnswer(await callRoute(server, name, undefined, { path: `${url.pathname}?${asked}` }));
      }),
      { seed, numRuns: RUNS },
    );
  });

  it('X1 leave the server unchanged: ready, with every row of every table readable', async () => {
    expect((await server.get('/readyz')).status).toBe(200);
    for (const name of GETS) expect((await callRoute(server, name)).status).toBe(200);
    const { rows } = await database.pool.query(
      `select symbol from open_interest_snapshots
       where 'Infinity' in (open_interest, open_interest_usd, mark_price) or 'NaN' in (open_interest, open_interest_usd)`,
    );
    expect(rows).toEqual([]);
  });
});
