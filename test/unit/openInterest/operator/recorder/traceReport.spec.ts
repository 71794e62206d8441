import { describe, expect, it } from '@jest/globals';
import { createBoard } from '../../../../../src/openInterest/board/board.ts';
import type { SampleTrace } from '../../../../../src/openInterest/operator/recorder/traces.ts';
import {
  explainSymbol,
  renderTrace,
  type TraceReport,
} from '../../../../../src/openInterest/operator/recorder/traceReport.ts';
import type { Sample } from '../../../../../src/openInterest/openInterest.types.ts';
import { aSample } from '../../../../support/builders.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const NOW = NOON + 5_000;

function aRow(given: Partial<Sample> = {}) {
  const board = createBoard();
  board.apply(aSample({ ts: NOON, ...given }), 'poller');
  board.closeWindow();
  return board.get('BTCUSDT')!.row;
}

function aTrace(given: Partial<SampleTrace> = {}): SampleTrace {
  return {
    ts: NOON,
    source: 'realtime',
    openInterest: 90_761.482,
    openInterestUsd: 8_445_361_234.5,
    requestId: 'r-1',
    fetchedAt: NOON + 40,
    spooledAt: NOON + 45,
    receivedAt: NOON + 60,
    mergedAt: NOON + 61,
    outcome: 'replace',
    committedAt: NOON + 72,
    failure: null,
    broadcastAt: NOON + 311,
    seq: 4_182,
    ...given,
  };
}

function theFacts(given: Partial<TraceReport> = {}): Omit<TraceReport, 'explanation'> {
  return {
    symbol: 'BTCUSDT',
    serverTime: NOW,
    inUniverse: true,
    board: aRow(),
    traces: [aTrace()],
    stored: [{ ...aSample({ ts: NOON }), createdAt: NOON + 70 }],
    realtimeEnabled: true,
    silence: null,
    ...given,
  };
}

function render(given: Partial<TraceReport> = {}): string[] {
  const facts = theFacts(given);
  const text = renderTrace({ ...facts, explanation: explainSymbol(facts) });
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

describe('why a symbol is missing', () => {
  const absent = { board: null, traces: [] };

  it('names the symbol once', () => {
    const facts = theFacts({ stored: [], ...absent });
    const [first = ''] = renderTrace({ ...facts, explanation: explainSymbol(facts) }).split('\n');
    expect(first.match(/BTCUSDT/g)).toHaveLength(1);
  });

  it.each([
    [
      'no poller reads it',
      { ...absent, stored: [], inUniverse: false },
      'BTCUSDT has never been received and it is not in the liquid universe, so no poller reads it.',
    ],
    [
      'its poller does not post it',
      { ...absent, stored: [] },
      'BTCUSDT has never been received; it is in the liquid universe, so its poller does not post it or posts another name.',
    ],
    [
      'the database does not answer',
      { ...absent, stored: null },
      'BTCUSDT is not on the board and the database does not answer; it is in the liquid universe.',
    ],
    [
      'it fell silent and left',
      { ...absent, stored: [{ ...aSample({ ts: NOW - 3_780_000 }), createdAt: 0 }], inUniverse: false },
      'BTCUSDT left the board: its last stored sample is 1h 03m old and it is not in the liquid universe.',
    ],
    [
      'it has only backfill',
      { ...absent, stored: [{ ...aSample({ source: 'backfill' }), createdAt: 0 }] },
      'BTCUSDT is not on the board: its last stored samples are backfill, which goes to history only; it is in the liquid universe.',
    ],
    ['it is live', {}, 'On the board, 5s old.'],
    [
      'its last sample is not stored',
      { traces: [aTrace({ committedAt: null, failure: 'connection terminated' })] },
      'The last sample is on the board but not stored: connection terminated.',
    ],
    [
      'its last sample is neither on the board nor stored',
      { traces: [aTrace({ outcome: 'older', committedAt: null, failure: 'connection terminated' })] },
      'The last sample was not stored: connection terminated. On the board, 5s old.',
    ],
    [
      'this node has received nothing of it',
      { traces: [] },
      'On the board since before this node started or from another node, 5s old; nothing received here.',
    ],
    [
      'its last sample was older than the board',
      { traces: [aTrace({ outcome: 'older' })] },
      'The last sample received was older than what the board holds (5s old).',
    ],
    [
      'its price is unknown',
      { board: aRow({ openInterestUsd: null, markPrice: null }) },
      'On the board, 5s old, without USD: it was posted without a usable price.',
    ],
  ] satisfies [string, Partial<TraceReport>, string][])(
    'L7 is a sentence when %s',
    (_case, given, sentence) => {
      expect(explainSymbol(theFacts(given))).toBe(sentence);
    },
  );
});

describe('trace report', () => {
  it('L7 shows each stage of a sample with its delay after the previous one', () => {
    expect(render()).toEqual([
      'BTCUSDT  On the board, 5s old.',
      'board      90761.482 contracts, 8445361234.5 USD, realtime, every ~30s, seq 1',
      'stored     last 2026-11-20T12:00:00.000Z realtime (the newest 1 with ?format=json)',
      'samples    exchange time, then the delay of each step after the previous one',
      '  2026-11-20T12:00:00.000Z realtime 90761.482  fetched +40ms  spooled +5ms  received +15ms  merged +1ms  committed +11ms  broadcast +239ms in seq 4182  request r-1',
    ]);
  });

  it('L1 prints a dash for unreported and unknown values', () => {
    const lines = render({
      board: aRow({ openInterestUsd: null, markPrice: null }),
      traces: [aTrace({ fetchedAt: null, spooledAt: null, committedAt: null, broadcastAt: null, seq: null })],
    });
    expect(lines[1]).toContain('— USD');
    expect(lines[4]).toContain('fetched —  spooled —  received +60ms  merged +1ms  committed —  broadcast —');
  });

  it('explains why a stage was not reached', () => {
    const failed = aTrace({
      committedAt: null,
      failure: 'connection terminated',
      broadcastAt: null,
      seq: null,
    });
    expect(render({ traces: [failed] })[4]).toContain('committed FAILED (connection terminated)');
    const old = aTrace({ outcome: 'older', broadcastAt: null, seq: null });
    expect(render({ traces: [old] })[4]).toContain('broadcast no (older)');
    const history = aTrace({ outcome: 'history only', mergedAt: null, broadcastAt: null, seq: null });
    expect(render({ traces: [history] })[4]).toContain('merged no (history only)');
  });

  it('M3 shows a stage before the previous one as negative, and continues from the later one', () => {
    const [, , , , life] = render({ traces: [aTrace({ fetchedAt: NOON - 2_000, spooledAt: NOON + 10 })] });
    expect(life).toContain('fetched -2000ms  spooled +10ms  received +50ms');
  });

  it("rounds a collector's fractional milliseconds", () => {
    const [, , , , life] = render({
      traces: [aTrace({ fetchedAt: NOON + 40.123_456, spooledAt: NOON + 45.9 })],
    });
    expect(life).toContain('fetched +40ms  spooled +6ms  received +14ms');
  });

  it('says when the node has seen nothing or the database does not answer', () => {
    const lines = render({ board: null, traces: [], stored: null });
    expect(lines.slice(1)).toEqual([
      'board      absent',
      'stored     the database does not answer',
      'samples    exchange time, then the delay of each step after the previous one',
      '  none since this node started',
    ]);
    expect(render({ stored: [] })[2]).toBe('stored     nothing');
  });

  it('O3 keeps a trace on its line, whatever text the failure has', () => {
    const failure = 'syntax error\nLINE 1: select\u001b[31m';
    expect(render({ traces: [aTrace({ committedAt: null, failure })] })).toHaveLength(5);
  });
});
