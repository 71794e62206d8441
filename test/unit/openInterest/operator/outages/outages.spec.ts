import { describe, expect, it } from '@jest/globals';
import { createOutages, type Cause } from '../../../../../src/openInterest/operator/outages/outages.ts';

const T = Date.UTC(2026, 10, 20, 13, 20, 10);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const silent = (symbols: readonly string[], since = T) => symbols.map((symbol) => ({ symbol, since }));
const names = (count: number) => Array.from({ length: count }, (_, i) => `S${i}USDT`);
const unexplained = () => null;

describe('outage journal', () => {
  it('records symbols that fell silent together as one outage with its size and a few examples', () => {
    const outages = createOutages();
    outages.observe(silent(names(300)), T + MINUTE, unexplained);
    expect(outages.list(T + MINUTE)).toEqual([
      {
        from: T,
        to: null,
        symbols: 300,
        silent: 300,
        examples: ['S0USDT', 'S1USDT', 'S2USDT', 'S3USDT', 'S4USDT'],
        why: null,
      },
    ]);
  });

  it('adds symbols of the same sweep to the open outage, and starts it with the earliest', () => {
    const outages = createOutages();
    outages.observe(silent(['AUSDT'], T), T + 50_000, unexplained);
    outages.observe([...silent(['AUSDT'], T), ...silent(['BUSDT'], T - 20_000)], T + 55_000, unexplained);
    expect(outages.list(T + 55_000)).toMatchObject([{ from: T - 20_000, symbols: 2, silent: 2 }]);
  });

  it('separates a later silence from an open outage', () => {
    const outages = createOutages();
    outages.observe(silent(['AUSDT'], T), T + MINUTE, unexplained);
    outages.observe(
      [...silent(['AUSDT'], T), ...silent(['BUSDT'], T + 10 * MINUTE)],
      T + 11 * MINUTE,
      unexplained,
    );
    expect(outages.list(T + 11 * MINUTE).map((it) => it.examples)).toEqual([['BUSDT'], ['AUSDT']]);
  });

  it('ends an outage when its last symbol is back, and keeps its size', () => {
    const outages = createOutages();
    outages.observe(silent(['AUSDT', 'BUSDT']), T + MINUTE, unexplained);
    outages.observe(silent(['BUSDT']), T + 2 * MINUTE, unexplained);
    expect(outages.list(T + 2 * MINUTE)).toMatchObject([{ to: null, symbols: 2, silent: 1 }]);
    outages.observe([], T + 3 * MINUTE, unexplained);
    expect(outages.list(T + 3 * MINUTE)).toMatchObject([{ to: T + 3 * MINUTE, symbols: 2, silent: 0 }]);
  });

  it('replaces a cause by a more specific one, never by a less specific one', () => {
    const outages = createOutages();
    const why = () => outages.list(T + MINUTE)[0]?.why;
    const look = (cause: Cause | null) => outages.observe(silent(['AUSDT']), T + MINUTE, () => cause);
    look({ rank: 2, text: 'no chunk was accepted' });
    expect(why()).toBe('no chunk was accepted');
    look({ rank: 6, text: 'oi-poller is banned by the exchange' });
    look({ rank: 2, text: 'no chunk was accepted' });
    look(null);
    expect(why()).toBe('oi-poller is banned by the exchange');
  });

  it('lists open outages before past ones, and drops those that ended a day ago', () => {
    const outages = createOutages();
    outages.observe(silent(['AUSDT'], T), T + MINUTE, unexplained);
    outages.observe(silent(['BUSDT'], T + 5 * MINUTE), T + 6 * MINUTE, unexplained);
    outages.observe(silent(['CUSDT'], T - HOUR), T + 7 * MINUTE, unexplained);
    const now = T + 7 * MINUTE;
    expect(outages.list(now).map((it) => it.examples[0])).toEqual(['CUSDT', 'BUSDT', 'AUSDT']);
    const tomorrow = T + 24 * HOUR + 6.5 * MINUTE;
    expect(outages.list(tomorrow).map((it) => it.examples[0])).toEqual(['CUSDT', 'BUSDT']);
  });

  it('keeps at most two hundred outages, open ones longest', () => {
    const outages = createOutages();
    const lasting = silent(['LASTINGUSDT'], T);
    for (let i = 0; i < 500; i += 1) {
      const at = T + i * MINUTE;
      outages.observe([...lasting, ...silent([`S${i}USDT`], at)], at + 50_000, unexplained);
    }
    const list = outages.list(T + 500 * MINUTE);
    expect(list).toHaveLength(200);
    expect(list.filter((it) => it.to === null).map((it) => it.examples[0])).toContain('LASTINGUSDT');
  });
});
