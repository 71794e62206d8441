import { describe, expect, it } from '@jest/globals';
import { createTrace, type SampleLife } from '../../../../../src/openInterest/operator/recorder/trace.ts';
import { aSample, symbolNames } from '../../../../support/builders.ts';

const NOON = Date.UTC(2026, 10, 20, 12);

function aTrace() {
  const trace = createTrace();
  return {
    trace,
    receive(symbol: string, ts: number, outcome: SampleLife['outcome'] = 'replace') {
      return trace.received(
        { sample: aSample({ symbol, ts }), fetchedAt: ts + 40, spooledAt: ts + 45 },
        { requestId: 'r-1', receivedAt: ts + 60, mergedAt: ts + 61, outcome },
      );
    },
  };
}

describe('the trace', () => {
  it('L7 opens a life with what the collector and the request say, and nothing that has not happened', () => {
    const { trace, receive } = aTrace();
    receive('BTCUSDT', NOON);
    expect(trace.of('BTCUSDT')).toEqual([
      {
        ts: NOON,
        source: 'realtime',
        openInterest: 90_761.482,
        openInterestUsd: 8_445_361_234.5,
        fetchedAt: NOON + 40,
        spooledAt: NOON + 45,
        requestId: 'r-1',
        receivedAt: NOON + 60,
        mergedAt: NOON + 61,
        outcome: 'replace',
        committedAt: null,
        failure: null,
        broadcastAt: null,
        seq: null,
      },
    ]);
  });

  it('L7 goes on with the stages as they are reached', () => {
    const { trace, receive } = aTrace();
    receive('BTCUSDT', NOON).committedAt = NOON + 70;
    trace.broadcast(['BTCUSDT', 'UNKNOWNUSDT'], NOON + 300, 4_182);
    expect(trace.of('BTCUSDT')).toMatchObject([
      { committedAt: NOON + 70, broadcastAt: NOON + 300, seq: 4_182 },
    ]);
    expect(trace.of('UNKNOWNUSDT')).toEqual([]);
  });

  it('keeps the last ten samples of a symbol, newest first', () => {
    const { trace, receive } = aTrace();
    for (let i = 0; i < 25; i += 1) receive('BTCUSDT', NOON + i);
    expect(trace.of('BTCUSDT').map((life) => life.ts - NOON)).toEqual([
      24, 23, 22, 21, 20, 19, 18, 17, 16, 15,
    ]);
  });

  it('says of a window that it carried the newest sample, not one that this had replaced on the board', () => {
    const { trace, receive } = aTrace();
    receive('BTCUSDT', NOON);
    receive('BTCUSDT', NOON + 1);
    trace.broadcast(['BTCUSDT'], NOON + 300, 1);
    expect(trace.of('BTCUSDT').map((life) => life.seq)).toEqual([1, null]);
  });

  it.each(['same', 'older', 'history only'] as const)(
    'says of no window that it carried a sample that is %s',
    (outcome) => {
      const { trace, receive } = aTrace();
      receive('BTCUSDT', NOON);
      receive('BTCUSDT', NOON + 1, outcome);
      trace.broadcast(['BTCUSDT'], NOON + 300, 1);
      expect(trace.of('BTCUSDT').map((life) => life.seq)).toEqual([null, 1]);
    },
  );

  it('does not move a sample to a later window that carried its row for another reason', () => {
    const { trace, receive } = aTrace();
    receive('BTCUSDT', NOON);
    trace.broadcast(['BTCUSDT'], NOON + 300, 1);
    trace.broadcast(['BTCUSDT'], NOON + 900, 2);
    expect(trace.of('BTCUSDT')).toMatchObject([{ seq: 1, broadcastAt: NOON + 300 }]);
  });

  it('forgets a symbol that has left the board', () => {
    const { trace, receive } = aTrace();
    receive('BTCUSDT', NOON);
    trace.forget('BTCUSDT');
    expect(trace.of('BTCUSDT')).toEqual([]);
  });

  it('C5 holds a bounded number of symbols: backfill brings names that the board never knows', () => {
    const { trace, receive } = aTrace();
    const names = symbolNames(12_000);
    receive('BTCUSDT', NOON);
    for (const [i, symbol] of names.entries()) {
      receive(symbol, NOON, 'history only');
      if (i % 1_000 === 0) receive('BTCUSDT', NOON + i);
    }
    const known = names.filter((symbol) => trace.of(symbol).length > 0);
    expect(known.length).toBeLessThanOrEqual(10_000);
    expect(known.at(-1)).toBe('SYM11999USDT');
    expect(trace.of('BTCUSDT')).not.toEqual([]);
  });
});
