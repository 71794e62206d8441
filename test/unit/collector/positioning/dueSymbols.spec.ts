import { describe, expect, it } from '@jest/globals';
import { createDueSymbols } from '../../../../src/collector/positioning/dueSymbols.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../src/kit/clock.ts';

const MARK = Date.UTC(2026, 10, 20, 14);
const NOW = MARK + 30 * SECOND_MS;
const listed = (...symbols: [string, number | null][]) =>
  symbols.map(([symbol, lastTs]) => ({ symbol, lastTs }));

describe('symbols whose positioning is due', () => {
  it('begin with one that was never read, a day back', () => {
    const due = createDueSymbols();
    const symbols = listed(['BTCUSDT', MARK - 5 * MINUTE_MS], ['ETHUSDT', null]);
    expect(due.next(symbols, NOW)).toEqual({ symbol: 'ETHUSDT', limit: 288 });
    due.wasRead('ETHUSDT', NOW);
    expect(due.next(symbols, NOW)).toEqual({ symbol: 'BTCUSDT', limit: 3 });
    due.wasRead('BTCUSDT', NOW);
    expect(due.next(symbols, NOW)).toBeNull();
  });

  it('are due again when the next point is published, twenty seconds after its time', () => {
    const due = createDueSymbols();
    const symbols = listed(['BTCUSDT', MARK]);
    due.wasRead('BTCUSDT', NOW);
    const published = MARK + 5 * MINUTE_MS + 20 * SECOND_MS;
    expect(due.next(symbols, published - 1)).toBeNull();
    expect(due.next(symbols, published)).toEqual({ symbol: 'BTCUSDT', limit: 3 });
  });

  it('are not read again in a new process if the server has the newest point', () => {
    expect(createDueSymbols().next(listed(['BTCUSDT', MARK]), NOW)).toBeNull();
    const away = listed(['BTCUSDT', MARK - 60 * MINUTE_MS]);
    expect(createDueSymbols().next(away, NOW)).toEqual({ symbol: 'BTCUSDT', limit: 14 });
  });

  it('let others go first for a minute after a failure', () => {
    const due = createDueSymbols();
    const symbols = listed(['BTCUSDT', null], ['ETHUSDT', null]);
    due.failed('BTCUSDT', NOW);
    expect(due.next(symbols, NOW)?.symbol).toBe('ETHUSDT');
    due.wasRead('ETHUSDT', NOW);
    expect(due.next(symbols, NOW)).toBeNull();
    expect(due.next(symbols, NOW + MINUTE_MS)?.symbol).toBe('BTCUSDT');
  });
});
