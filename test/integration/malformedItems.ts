/** Items of a chunk by field, as JSON text: what refuses an item, what only costs its USD value, what is good. */

export type ItemCase = { name: string; item: string; code: string };

const item = (fields: Record<string, string | undefined>): string => {
  const given: Record<string, string | undefined> = {
    symbol: '"BADUSDT"',
    openInterest: '1000',
    markPrice: '2',
    ...fields,
  };
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
};

const each = (field: string, code: string, values: readonly (string | undefined)[]): ItemCase[] =>
  values.map((value) => ({
    name: `${field} ${value === undefined ? 'missing' : value.slice(0, 40)}`,
    item: item({ [field]: value }),
    code,
  }));

const SYMBOLS = [
  '',
  ' ',
  'BTC USDT',
  'BTCUSDT\n',
  'BTCUSDT\r\nSet-Cookie: a=b',
  'BTC\u0000USDT',
  'BTC\u200BUSDT',
  '\uFEFFBTCUSDT',
  '\uFF22\uFF34\uFF23USDT',
  'BTC🚀USDT',
  'Ⅻ',
  'é'.normalize('NFD'),
  '-BTC',
  'BTC--USDT',
  'BTC_',
  '__proto__',
  "'; DROP TABLE open_interest_snapshots; --",
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%00',
  'BTC/USDT',
  'BTC.USDT',
  'A'.repeat(33),
  'A'.repeat(100_000),
].map((symbol) => JSON.stringify(symbol));

export const REFUSED_ITEMS: readonly ItemCase[] = [
  ...['null', '1', '"BTCUSDT"', 'true', '[]'].map((it) => ({
    name: `the item ${it}`,
    item: it,
    code: 'item_invalid',
  })),
  ...each('symbol', 'symbol_invalid', [undefined, 'null', '123', '["BTCUSDT"]', '{}', 'true', ...SYMBOLS]),
  ...each('symbol', 'symbol_invalid', ['"BTC\\ud800USDT"', '"\\udc00"']),
  ...each('openInterest', 'open_interest_missing', [undefined]),
  ...each('openInterest', 'open_interest_invalid', [
    'null',
    '"5"',
    '"NaN"',
    'true',
    '[5]',
    '{}',
    '-1',
    '-1e-300',
    '1e400',
    '-1e400',
    '9'.repeat(400),
    '1e16',
  ]),
  ...each('ts', 'ts_invalid', [
    'null',
    '""',
    '"now"',
    '{}',
    '"2026-11-20"',
    '"2026-11-20T14:00:00"',
    '1e400',
  ]),
  ...each('ts', 'ts_too_old', ['0', '-1', '1795183200', '"1970-01-01T00:00:00Z"']),
  ...each('ts', 'ts_in_future', ['1e300', '"2026-11-20T14:01:01Z"', '"9999-12-31T23:59:59Z"']),
  ...each('source', 'source_invalid', ['null', '1', '""', '"REALTIME"', '"__proto__"']),
  {
    name: 'contracts that follow from USD and price but are too many to count',
    item: item({ openInterest: undefined, openInterestUsd: '1e18', markPrice: '1e-300' }),
    code: 'open_interest_missing',
  },
];

/** Accepted with an unknown USD value: the contracts are valid. */
export const UNPRICED_ITEMS: readonly string[] = [
  undefined,
  'null',
  '0',
  '-0',
  '-1',
  '1e-400',
  '1e400',
  '1e10',
  '"2"',
  'true',
  '[2]',
  '{}',
].map((markPrice) => item({ symbol: '"GOODUSDT"', markPrice }));

/** Accepted, by the stored symbol. */
export const ACCEPTED_SYMBOLS: readonly [sent: string, stored: string][] = [
  ['a', 'A'],
  ['btcusdt', 'BTCUSDT'],
  ['BTC-USDT', 'BTCUSDT'],
  ['btc_usdt_perp', 'BTCUSDTPERP'],
  ['币安人生USDT', '币安人生USDT'],
  ['constructor', 'CONSTRUCTOR'],
  ['toString', 'TOSTRING'],
  ['proto', 'PROTO'],
  ['A'.repeat(32), 'A'.repeat(32)],
];

/** Accepted as zero contracts: a market may settle. */
export const ZEROS: readonly string[] = ['0', '-0', '1e-400', '0.0', '0e5'];

export function itemWith(fields: Record<string, string | undefined>): string {
  return item({ symbol: '"GOODUSDT"', ...fields });
}
