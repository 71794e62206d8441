import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Bodies of an ingest request that must be refused, and the few that look odd and are valid. */

export type BodyCase = {
  name: string;
  body: string | Uint8Array<ArrayBuffer>;
  /** On top of the key and a JSON content type; `null` leaves one out. */
  headers?: Record<string, string | null>;
  status: number;
  code?: string;
};

const GOOD_ITEM = '{"symbol":"GOODUSDT","openInterest":1000,"markPrice":2}';
const GOOD = `{"data":[${GOOD_ITEM}],"source":"realtime"}`;

const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat(parts.map((it) => Buffer.from(it as string))));
const packed = (buffer: Buffer) => new Uint8Array(buffer);
const of = (
  list: [name: string, body: BodyCase['body'], status: number, headers?: BodyCase['headers']][],
  code?: (status: number) => string | undefined,
): BodyCase[] =>
  list.map(([name, body, status, headers]) => {
    const expected = code?.(status);
    return { name, body, status, ...(headers ? { headers } : {}), ...(expected ? { code: expected } : {}) };
  });

const type = (value: string | null) => ({ 'Content-Type': value });
const encoding = (value: string) => ({ 'Content-Encoding': value });

const CONTENT = of(
  [
    ['an empty body', '', 400],
    ['no content type', bytes(GOOD), 415, type(null)],
    ['text/plain', GOOD, 415, type('text/plain')],
    ['a form', 'data=1', 415, type('application/x-www-form-urlencoded')],
    ['multipart', GOOD, 415, type('multipart/form-data; boundary=x')],
    ['a JSON patch', GOOD, 415, type('application/json-patch+json')],
    ['a content type that cannot be read', GOOD, 415, type('application/json; charset=')],
    ['UTF-16', new Uint8Array(Buffer.from(GOOD, 'utf16le')), 415, type('application/json; charset=utf-16')],
    ['latin1', GOOD, 415, type('application/json; charset=latin1')],
    ['300 kB', `{"data":[${GOOD_ITEM}],"pad":"${'x'.repeat(300_000)}"}`, 413],
    ['a gzip bomb', packed(gzipSync(Buffer.alloc(10_000_000, ' '))), 413, encoding('gzip')],
    ['a brotli bomb', packed(brotliCompressSync(Buffer.alloc(10_000_000, ' '))), 413, encoding('br')],
    ['gzip that is none', bytes('this is not gzip'), 400, encoding('gzip')],
    ['gzip that breaks off', packed(gzipSync(GOOD).subarray(0, 30)), 400, encoding('gzip')],
    ['zstd', bytes(GOOD), 415, encoding('zstd')],
    ['gzip twice', packed(gzipSync(gzipSync(GOOD))), 415, encoding('gzip, gzip')],
  ],
  (status) => ({ 400: 'malformed_body', 413: 'body_too_large', 415: 'unsupported_media_type' })[status],
);

const deep = 100_000;
const SYNTAX = of(
  [
    ['a truncated document', GOOD.slice(0, -5), 400],
    ['a trailing comma', GOOD.replace(']', ',]'), 400],
    ['trailing garbage', `${GOOD}x`, 400],
    ['two documents', GOOD + GOOD, 400],
    ['a byte order mark', bytes([0xef, 0xbb, 0xbf], GOOD), 400],
    ['single quotes', GOOD.replaceAll('"', "'"), 400],
    ['a comment', `/* chunk */${GOOD}`, 400],
    ['invalid UTF-8', bytes(GOOD.slice(0, 20), [0xc3, 0x28], GOOD.slice(20)), 400],
    ['an overlong UTF-8 slash', bytes(GOOD.slice(0, 20), [0xc0, 0xaf], GOOD.slice(20)), 400],
    ...['NaN', 'Infinity', '-Infinity', '01', '0x10', '.5', '+1', '1_000'].map(
      (number): [string, string, number] => [`the number ${number}`, GOOD.replace('1000', number), 400],
    ),
    ['depth 100,000 of arrays', '['.repeat(deep) + ']'.repeat(deep), 400],
    ['depth 30,000 of objects', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`, 400],
    ['depth nine', `{"data":[${GOOD_ITEM}],"x":${'['.repeat(8)}${']'.repeat(8)}}`, 400],
    ['brackets that never close', '['.repeat(deep), 400],
  ],
  () => 'malformed_body',
);

const withField = (name: string, value: string) => `{"data":[${GOOD_ITEM}],"${name}":${value}}`;
const ENVELOPE = of(
  [
    ...['null', '[]', '"x"', '1', 'true', '{}'].map((body): [string, string, number] => [body, body, 400]),
    ...['null', '{}', '"x"', '[]'].map((data): [string, string, number] => [
      `data ${data}`,
      `{"data":${data}}`,
      400,
    ]),
    ['501 items', `{"data":[${Array(501).fill(GOOD_ITEM).join(',')}]}`, 400],
    ['data hidden in __proto__', `{"__proto__":{"data":[${GOOD_ITEM}]}}`, 400],
    ['an unknown source', withField('source', '"binance"'), 400],
    ['a source in upper case', withField('source', '"REALTIME"'), 400],
    ['a source that is a number', withField('source', '1'), 400],
    ...['-1', '1.5', '"343"'].map((value): [string, string, number] => [
      `totalSymbols ${value}`,
      withField('totalSymbols', value),
      400,
    ]),
    ...['null', '""', '{}', '[]', '"now"', 'true', '1e400', '"1763647200000"'].map(
      (value): [string, string, number] => [`timestamp ${value}`, withField('timestamp', value), 400],
    ),
    ...['2026-11-20', '2026-11-20T14:00:00', '2026-02-30T00:00:00Z', '+275760-09-13T00:00:00Z'].map(
      (value): [string, string, number] => [`timestamp ${value}`, withField('timestamp', `"${value}"`), 400],
    ),
  ],
  () => 'invalid_payload',
);

/** No item of the chunk is good because its one time is not. */
const TIMES = of(
  [
    ['a timestamp in seconds', withField('timestamp', '1795183200'), 400],
    ['a timestamp an hour ahead', withField('timestamp', '"2026-11-20T15:00:00Z"'), 400],
    ['1970', withField('timestamp', '"1970-01-01T00:00:00Z"'), 400],
    ['a timestamp before retention', withField('timestamp', '"2025-10-01T00:00:00Z"'), 400],
    ['the year 0', withField('timestamp', '"0000-01-01T00:00:00Z"'), 400],
    ['the timestamp -1e308', withField('timestamp', '-1e308'), 400],
    ['no item but null', '{"data":[null]}', 400],
    ['no item but an array', '{"data":[[]]}', 400],
    ['no item but a string', '{"data":["BTC"]}', 400],
  ],
  () => 'no_valid_items',
);

export const REFUSED_BODIES: readonly BodyCase[] = [...CONTENT, ...SYNTAX, ...ENVELOPE, ...TIMES];

/** Each stores GOODUSDT with 1,000 contracts at $2. */
export const ACCEPTED_BODIES: readonly BodyCase[] = of([
  ['a legacy chunk without source', `{"data":[${GOOD_ITEM}]}`, 200],
  ['unknown keys', `{"data":[{"x":1,${GOOD_ITEM.slice(1)}],"y":{},"constructor":1,"__proto__":{"z":1}}`, 200],
  ['a key twice: the last one counts', `{"data":[],"data":[${GOOD_ITEM}]}`, 200],
  ['a time in epoch ms', withField('timestamp', '1795183200000'), 200],
  ['a time with an offset', withField('timestamp', '"2026-11-20T22:00:00+08:00"'), 200],
  ['charset=UTF-8', GOOD, 200, type('application/json; charset=UTF-8')],
  ['a content type in capitals', GOOD, 200, type('Application/JSON')],
  ['gzip', packed(gzipSync(GOOD)), 200, encoding('gzip')],
  ['blanks around the key, which HTTP strips', GOOD, 200, { 'X-API-Key': ' KEY\t' }],
  ['blanks around the document', `\n ${GOOD}\r\n`, 200],
  ['one bad item of two', `{"data":[{"symbol":"A B"},${GOOD_ITEM}]}`, 200],
]);
