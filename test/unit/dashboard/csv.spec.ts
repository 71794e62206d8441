import { describe, expect, it } from '@jest/globals';
import { csvFileName, renderCsv } from '../../../src/dashboard/board/csv.ts';
import type { Line } from '../../../src/dashboard/board/lines.ts';
import { aRow } from './boardMessages.ts';

const NOW = Date.UTC(2026, 10, 20, 14, 3, 22);
const context = {
  now: NOW,
  mode: 'realtime',
  window: '1h',
  unit: 'contracts',
  favourites: new Set(['BTCUSDT']),
} as const;

function rowsOf(csv: string): string[] {
  expect(csv.startsWith('\uFEFF')).toBe(true);
  expect(csv.endsWith('\r\n')).toBe(true);
  return csv.slice(1, -2).split('\r\n');
}

describe('CSV export', () => {
  it('contains raw numbers under headers with units, in the order of the columns', () => {
    const row = aRow({
      ts: NOW,
      openInterestUsd: 8_451_234_567.12,
      d: [421, 0, -318, null],
      fundingRate: -0.000041,
    });
    const [head, body] = rowsOf(
      renderCsv(
        [{ symbol: 'BTCUSDT', row }],
        ['fav', 'symbol', 'd60', 'usd', 'd5', 'd1440', 'spark', 'fund', 'quad'],
        context,
      ),
    );
    expect(head).toBe('favourite,symbol,d1h_pct,oi_usd,d5m_pct,d24h_pct,funding_pct,price_x_oi_1h,ts,state');
    expect(body).toBe(
      'yes,BTCUSDT,-3.18,8451234567.12,4.21,,-0.0041,shorts_closing,2026-11-20T14:03:22.000Z,live',
    );
  });

  it('marks changes in USD in the header', () => {
    const [head] = rowsOf(renderCsv([], ['symbol', 'd5', 'usd'], { ...context, unit: 'usd' }));
    expect(head).toBe('symbol,d5m_pct_of_usd,oi_usd,ts,state');
  });

  it('contains changes of price in percent and of open interest in USD', () => {
    const row = aRow({ ts: NOW, openInterestUsd: 110e6, dUsd: [1_000, 0, -8, null], p: [12, null, -3, 0] });
    const [head, body] = rowsOf(
      renderCsv([{ symbol: 'BTCUSDT', row }], ['symbol', 'u5', 'u60', 'u1440', 'p5', 'p15'], {
        ...context,
        unit: 'usd',
      }),
    );
    expect(head).toBe(
      'symbol,oi_change_5m_usd,oi_change_1h_usd,oi_change_24h_usd,price_5m_pct,price_15m_pct,ts,state',
    );
    expect(body).toBe('BTCUSDT,10000000,-90000,,0.12,,2026-11-20T14:03:22.000Z,live');
  });

  it('contains changes over 30 min and 4 h, and how unusual the last hour is', () => {
    const row = aRow({
      ts: NOW,
      openInterestUsd: 110e6,
      d: [0, 0, 148, 0],
      more: { d: [30, -40], dUsd: [1_000, 0], p: [5, -6] },
      usual: [0, 50, 10],
    });
    const [head, body] = rowsOf(
      renderCsv(
        [{ symbol: 'BTCUSDT', row }],
        ['symbol', 'd30', 'd240', 'p30', 'p240', 'u30', 'unusual'],
        context,
      ),
    );
    expect(head).toBe(
      'symbol,d30m_pct,d4h_pct,price_30m_pct,price_4h_pct,oi_change_30m_usd,unusual_1h,ts,state',
    );
    expect(body).toBe('BTCUSDT,0.3,-0.4,0.05,-0.06,10000000,2,2026-11-20T14:03:22.000Z,live');
  });

  it('L1 leaves cells of unknown values empty', () => {
    const lines: Line[] = [
      { symbol: 'NEWUSDT', row: null },
      { symbol: 'XUSDT', row: aRow({ ts: NOW, openInterestUsd: null, markPrice: null }) },
    ];
    const [, never, unpriced] = rowsOf(renderCsv(lines, ['symbol', 'mark', 'usd'], context));
    expect(never).toBe('NEWUSDT,,,,none');
    expect(unpriced).toBe('XUSDT,,,2026-11-20T14:03:22.000Z,live');
  });

  it('escapes text that a spreadsheet would execute, and never a number', () => {
    const symbols = ['=EVIL', '+A', '-B', '@C', '\tD', 'quoted"name', 'a,b', '币安人生USDT'];
    const lines = symbols.map((symbol) => ({ symbol, row: aRow({ ts: NOW, d: [0, 0, -100, 0] }) }));
    const cells = rowsOf(renderCsv(lines, ['symbol', 'd60'], context)).slice(1);
    expect(cells.map((it) => it.replace(/,2026.*$/, ''))).toEqual([
      "'=EVIL,-1",
      "'+A,-1",
      "'-B,-1",
      "'@C,-1",
      "'\tD,-1",
      '"quoted""name",-1',
      '"a,b",-1',
      '币安人生USDT,-1',
    ]);
  });

  it('writes numbers in full without an exponent, for any magnitude', () => {
    const prices = [1.2e-7, 4.2e-9, 4.2e-15, 1e21];
    const lines = prices.map((markPrice) => ({ symbol: 'A', row: aRow({ ts: NOW, markPrice }) }));
    const cells = rowsOf(renderCsv(lines, ['mark'], context)).slice(1);
    expect(cells.map((it) => it.split(',')[0])).toEqual([
      '0.00000012',
      '0.0000000042',
      '0.0000000000000042',
      '1000000000000000000000',
    ]);
  });

  it('has the time in its file name', () => {
    expect(csvFileName(NOW)).toBe('open-interest_2026-11-20T140322Z.csv');
  });
});
