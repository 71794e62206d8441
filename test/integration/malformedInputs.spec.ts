import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OpenInterestIngestResponse } from '../../src/openInterest/ingest/ingest.types.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { inTime } from '../support/waitFor.ts';
import { readRefusal, readRows } from '../support/openInterestCalls.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../support/testServer.ts';
import { ACCEPTED_BODIES, REFUSED_BODIES } from './malformedBodies.ts';
import { ACCEPTED_SYMBOLS, REFUSED_ITEMS, UNPRICED_ITEMS, ZEROS, itemWith } from './malformedItems.ts';
import { withServer } from '../support/withServer.ts';

const INGEST = '/api/market/open-interest/ingest';
const ANSWER_MS = 200;
const KEY = { 'X-API-Key': INGEST_KEY };
const GOOD_ITEM = itemWith({});

const { database, server } = withServer({ clock: createFakeClock() });
// Compiles what the first request compiles, which is not measured here.
beforeAll(() => send({ body: '{"data":[null]}' }));

beforeEach(async () => {
  await database.pool.query('truncate open_interest_snapshots, open_interest_latest');
});
afterEach(async () => {
  expect((await server.get('/livez')).status).toBe(200);
});

type Sent = { method?: string; path?: string; body?: string | Uint8Array<ArrayBuffer> };

/** With the key and a JSON content type unless `headers` override them, and a timeout. */
async function send(sent: Sent, headers: Record<string, string | null> = {}): Promise<Response> {
  const given = { 'Content-Type': 'application/json', ...KEY, ...headers };
  return inTime(ANSWER_MS, () =>
    fetch(server.url + (sent.path ?? INGEST), {
      method: sent.method ?? 'POST',
      headers: Object.fromEntries(
        Object.entries(given).flatMap(([name, value]) =>
          value === null ? [] : [[name, value.replace('KEY', INGEST_KEY)]],
        ),
      ),
      ...(sent.body === undefined ? {} : { body: sent.body }),
    }),
  );
}

async function storedSymbols(): Promise<string[]> {
  const { rows } = await database.pool.query<{ symbol: string }>(
    'select symbol from open_interest_snapshots order by symbol',
  );
  return rows.map((row) => row.symbol);
}

describe('an invalid request', () => {
  const body = `{"data":[${GOOD_ITEM}]}`;

  it.each<[string, Record<string, string | null>, number, string]>([
    ['no key', { 'X-API-Key': null }, 401, 'unauthorized'],
    ['an empty key', { 'X-API-Key': '' }, 401, 'key_unknown'],
    ['a wrong key of the same length', { 'X-API-Key': `${INGEST_KEY.slice(0, -1)}X` }, 401, 'key_unknown'],
    ['a short wrong key', { 'X-API-Key': 'k' }, 401, 'key_unknown'],
    ['a key of 12 kB', { 'X-API-Key': 'k'.repeat(12_000) }, 401, 'key_unknown'],
    ['the key twice', { 'X-API-Key': `${INGEST_KEY}, ${INGEST_KEY}` }, 401, 'key_unknown'],
    ['the key as a bearer token', { 'X-API-Key': null, Authorization: 'Bearer KEY' }, 401, 'unauthorized'],
    ['an operator key', { 'X-API-Key': OPERATOR_KEY }, 403, 'forbidden'],
  ])('X1 is refused: %s', async (_, headers, status, code) => {
    expect(await readRefusal(await send({ body }, headers))).toMatchObject({ status, code });
    expect(await storedSymbols()).toEqual([]);
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('X1 is refused: %s', async (method) => {
    const response = await send({ method, ...(method === 'GET' ? {} : { body }) });
    if (method === 'OPTIONS') {
      expect(response.status).toBe(204);
    } else {
      expect(response.headers.get('Allow')).toBe('POST');
      expect(await readRefusal(response)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    }
    expect(await storedSymbols()).toEqual([]);
  });

  it.each(['/%zz', '/api/market/open-interest/ingest%00', '/api//market', '/..%2f..%2fetc/passwd', '/.env'])(
    'X1 finds nothing at %s',
    async (path) => {
      expect(await readRefusal(await send({ path, body }))).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  it('X1 refuses a path parameter that cannot be decoded', async () => {
    const response = await send({ method: 'GET', path: '/debug/trace/%zz' }, { 'X-API-Key': OPERATOR_KEY });
    expect(await readRefusal(response)).toMatchObject({ status: 400, message: expect.stringContaining('%') });
  });
});

describe('a body', () => {
  it.each(REFUSED_BODIES)('X1 is refused: $name', async ({ body, headers, status, code }) => {
    expect(await readRefusal(await send({ body }, headers))).toMatchObject({ status, code });
    expect(await storedSymbols()).toEqual([]);
    expect(({} as Record<string, unknown>)['data']).toBeUndefined();
  });

  it.each(ACCEPTED_BODIES)('X1 is accepted: $name', async ({ body, headers, status }) => {
    expect((await send({ body }, headers)).status).toBe(status);
    expect(await storedSymbols()).toEqual(['GOODUSDT']);
    expect(({} as Record<string, unknown>)['z']).toBeUndefined();
  });
});

describe('an item', () => {
  it.each(REFUSED_ITEMS)('X1 I9 is refused alone and beside good ones: $name', async ({ item, code }) => {
    const alone = await readRefusal(await send({ body: `{"data":[${item}]}` }));
    expect(alone).toMatchObject({ status: 400, code: 'no_valid_items' });
    expect(alone.details).toEqual([{ path: 'data[0]', message: expect.stringContaining(`${code}: `) }]);
    expect(await storedSymbols()).toEqual([]);

    const neighbours = Array.from({ length: 99 }, (_, i) => itemWith({ symbol: `"GOOD${i}USDT"` }));
    const response = await send({ body: `{"data":[${[...neighbours.toSpliced(50, 0, item)].join(',')}]}` });
    const text = await response.text();
    expect(text.length).toBeLessThan(1_000);
    const answer = OpenInterestIngestResponse.parse(JSON.parse(text));
    expect(answer).toMatchObject({
      success: false,
      received: 100,
      rejected: [{ index: 50, code }],
    });
    // Sent again because the first answer took too long, its good ones are there already.
    expect(answer.inserted + answer.duplicates).toBe(99);
    expect(await storedSymbols()).toHaveLength(99);
  });

  it.each(UNPRICED_ITEMS)('X1 L1 is accepted with an unknown USD value: %s', async (item) => {
    expect((await send({ body: `{"data":[${item}]}` })).status).toBe(200);
    const { rows } = await database.pool.query(
      'select open_interest, open_interest_usd, mark_price from open_interest_latest',
    );
    expect(rows).toEqual([{ open_interest: 1_000, open_interest_usd: null, mark_price: null }]);
  });

  it.each(ZEROS)('X1 is accepted as zero contracts: %s', async (openInterest) => {
    expect((await send({ body: `{"data":[${itemWith({ openInterest })}]}` })).status).toBe(200);
    const { rows } = await database.pool.query(
      'select open_interest, open_interest_usd from open_interest_latest',
    );
    expect(rows).toEqual([{ open_interest: 0, open_interest_usd: 0 }]);
  });

  it.each(ACCEPTED_SYMBOLS)('X1 C6 is accepted: the symbol %s, as %s', async (sent, stored) => {
    const body = `{"data":[${itemWith({ symbol: JSON.stringify(sent) })}]}`;
    expect((await send({ body })).status).toBe(200);
    expect(await storedSymbols()).toEqual([stored]);
    expect((await readRows(server)).get(stored)?.openInterest).toBe(1_000);
  });
});
