import { anItem } from '../../support/builders.ts';
import { INGEST_KEY, OPERATOR_KEY } from '../../support/testServer.ts';
import type { Expected, Family, Fault } from '../faults.types.ts';
import type { Manners } from '../poster.ts';
import { part, type Rig } from '../rig.ts';
import { POSTED } from './plans.ts';
import { boardIsOlderThan, posterGot, readBoard } from './probes.ts';

/** The poller behaves badly, then as before. */
function behaving(
  name: string,
  manners: (rig: Rig) => Partial<Manners>,
  bites: Fault['bites'],
  expect: Expected,
): Fault {
  return {
    name,
    inject(rig) {
      part(rig.poster).behave(manners(rig));
      return () => part(rig.poster).behave({});
    },
    bites,
    expect,
    okWithinSec: 120,
  };
}

/** As many symbols of the board as this are older than 45 s. */
function areOld(count: number): Fault['bites'] {
  return async ({ url }) => {
    const old = (await readBoard(url)).filter((it) => it.ageSec > 45).length;
    return old >= count ? `${old} symbols are older than 45 s` : null;
  };
}

const ingest = (cause: RegExp, remedy: RegExp): Expected => ({
  stage: 'ingest',
  cause,
  remedy,
  withinSec: 30,
});

export const posters: Family = {
  name: 'posters',
  plan: POSTED,
  faults: [
    behaving('an unknown key', () => ({ key: `${INGEST_KEY}x` }), posterGot(401), {
      stage: 'collector',
      cause: /refused: .*401.*127\.0\.0\.1/,
      remedy: /INGEST_API_KEYS/,
      withinSec: 80,
    }),
    behaving("an operator's key", () => ({ key: OPERATOR_KEY }), posterGot(403), {
      stage: 'collector',
      cause: /refused: .*403/,
      remedy: /INGEST_API_KEYS/,
      withinSec: 80,
    }),
    behaving(
      'another content type',
      () => ({ contentType: 'text/plain' }),
      posterGot(415),
      ingest(/415/, /application\/json/),
    ),
    behaving(
      'chunks that are too large',
      () => ({ chunkSize: 40, item: (symbol) => anItem(symbol, { note: 'x'.repeat(300_000) }) }),
      posterGot(413),
      ingest(/413/, /500 items|smaller/i),
    ),
    behaving(
      'more posts than the limit',
      () => ({ chunkSize: 1, everyMs: 1 }),
      posterGot(429),
      ingest(/429.*limit 120/, /INGEST_RATE_LIMIT_PER_MIN|500 items/),
    ),
    behaving(
      'items that are no samples',
      () => ({ item: (symbol) => anItem(symbol, { openInterest: -1 }) }),
      posterGot(400),
      ingest(/400.*open_?interest|open_?interest.*400/i, /fix|debug/i),
    ),
    behaving(
      'one item in two is no sample',
      ({ symbols }) => ({
        item: (symbol) => anItem(symbol, symbols.indexOf(symbol) % 2 ? { openInterest: -1 } : {}),
      }),
      posterGot(200),
      ingest(/refused.*open_?interest|open_?interest.*refused/i, /fix|debug/i),
    ),
    behaving(
      'times in seconds',
      () => ({ item: (symbol) => anItem(symbol, { ts: Math.floor(Date.now() / 1_000) }) }),
      posterGot(400),
      ingest(/ts_|too old|seconds/i, /milliseconds|ms|repair|debug/i),
    ),
    behaving('its clock is 10 min ahead', () => ({ clockAheadMs: 600_000 }), posterGot(400), {
      stage: 'clocks',
      cause: /(10 ?m|600 ?s|9 ?m).*ahead/i,
      remedy: /clock|NTP|time/i,
      withinSec: 60,
    }),
    behaving('three of four chunks are lost', () => ({ sends: (chunk) => chunk === 0 }), areOld(30), {
      stage: 'board',
      cause: /10 of 40 symbols live/,
      remedy: /curl .*\/debug\/trace\//,
      withinSec: 75,
    }),
    behaving('one symbol is missing', ({ symbols }) => ({ symbols: symbols.slice(1) }), areOld(1), {
      stage: 'board',
      cause: /39 of 40 symbols live/,
      remedy: /curl .*\/debug\/trace\//,
      withinSec: 75,
    }),
    behaving(
      'no mark price',
      () => ({ item: (symbol) => ({ symbol, openInterest: 1_000 }) }),
      async ({ url }) => {
        const without = (await readBoard(url)).filter((it) => it.openInterestUsd === null).length;
        return without > 0 ? `${without} symbols without USD` : null;
      },
      { stage: 'board', cause: /40 without USD/, remedy: /price/i, withinSec: 20 },
    ),
    behaving('it stops', () => ({ everyMs: 3_600_000, symbols: [] }), boardIsOlderThan(30), {
      stage: 'collector',
      cause: /last chunk \d+s ago|no heartbeat/,
      remedy: /poller/,
      withinSec: 75,
    }),
  ],
};
