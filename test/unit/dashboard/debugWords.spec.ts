import { describe, expect, it } from '@jest/globals';
import { writeCurl, writeReport } from '../../../src/dashboard/debug/report.ts';
import { countGaps, describeSocket } from '../../../src/dashboard/debug/socketLine.ts';
import {
  countOf,
  describeCell,
  describeCells,
  describeWeight,
  isTroubled,
  lastRunOf,
  noteOf,
  paceOf,
} from '../../../src/dashboard/debug/words.ts';
import type { CollectorJobView, WeightView } from '../../../src/openInterest/operator/debug/debug.types.ts';
import type { Ask } from '../../../src/client/sync.types.ts';
import { NOW, aCollector, aDebugBody } from './debugBodies.ts';

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

const job: CollectorJobView = {
  name: 'poller',
  state: 'up',
  everySec: null,
  lastRunAt: null,
  ok: null,
  failed: null,
  note: null,
  cells: [],
};

describe('description of a collector', () => {
  it('has the time, the counts and the note of each cell', () => {
    const at = Date.UTC(2026, 10, 20, 14, 2, 30);
    expect(describeCell({ at, outcome: 'ok', ok: 342, failed: 1, note: '1 timeout' }, clock)).toBe(
      '14:02:30 · 342/343 · 1 timeout',
    );
    expect(describeCell({ at, outcome: 'missed' }, clock)).toBe('14:02:30 · no beat');
  });

  it('summarizes the bar for screen readers', () => {
    const cells = ['ok', 'ok', 'missed', 'trouble'].map((outcome) => ({ at: 0, outcome: outcome as 'ok' }));
    expect(describeCells(cells)).toBe('2 of 4 ok, 1 missed, 1 in trouble');
    expect(describeCells([])).toBe('no beats yet');
  });

  it('notes bans, spools and failures, and is empty without any', () => {
    const spool = { chunks: 1, bytes: 10, oldestAgeSec: null, dropped: 0, deadLetters: 2 };
    expect(noteOf(aCollector({ bannedUntil: NOW + 125_000, spool }), NOW)).toBe(
      'banned, 2m 05s left · 1 chunk spooled · 2 refused for good',
    );
    expect(noteOf(aCollector(), NOW)).toBe('');
  });

  it('has the counts of jobs that count', () => {
    expect(countOf({ ok: 1_342, failed: 1 })).toBe('1,342/1,343 ok');
    expect(countOf({ ok: 0, failed: 3 })).toBe('0/3 ok');
    expect(countOf({ ok: 0, failed: 0 })).toBeNull();
    expect(countOf({ ok: null, failed: null })).toBeNull();
  });

  it('distinguishes an on-demand job from one without data', () => {
    const scheduled = { ...job, everySec: 300, lastRunAt: NOW };
    expect([paceOf(scheduled), paceOf({ ...job, lastRunAt: NOW }), paceOf(job)]).toEqual([
      '5m',
      'as needed',
      'as needed',
    ]);
    expect([lastRunOf(scheduled, NOW + 5_000), lastRunOf(job, NOW)]).toEqual(['5s', 'not yet']);
    // It has counts, so it has run; when and how often is unknown.
    const silent = { ...job, ok: 342 };
    expect([paceOf(silent), lastRunOf(silent, NOW)]).toEqual([null, null]);
    expect(lastRunOf({ ...job, failed: 1 }, NOW)).toBeNull();
  });

  it('shows a fault for any failing job, and none for a declared pause', () => {
    expect(isTroubled(aCollector({ jobs: [{ ...job, state: 'slow' }] }))).toBe(true);
    expect(isTroubled(aCollector({ jobs: [{ ...job, state: 'paused' }] }))).toBe(false);
    expect(isTroubled(aCollector({ state: 'never' }))).toBe(true);
  });

  it('shows weight in plain, above the budget as a warning, at the limit or banned in red', () => {
    const weight = (used: number, bannedUntil: number | null = null): WeightView => ({
      used,
      budget: 2_000,
      limit: 2_400,
      status429: null,
      status418: null,
      bannedUntil,
      reportedBy: 'oi-poller',
      reportedAt: NOW,
    });
    expect(describeWeight(weight(1_060), NOW)).toMatchObject({
      text: '1,060 / 2,400',
      ofLimit: '44% of limit',
      ofBudget: '53% of budget 2,000',
      tone: 'plain',
      ban: null,
      refusals: null,
    });
    expect(describeWeight({ ...weight(600), budget: null }, NOW)).toMatchObject({
      ofLimit: '25% of limit',
      ofBudget: null,
    });
    expect(describeWeight(weight(2_001), NOW).tone).toBe('warn');
    expect(describeWeight(weight(2_400), NOW).tone).toBe('error');
    expect(describeWeight(weight(10, NOW + 60_000), NOW)).toMatchObject({
      tone: 'error',
      ban: 'Banned, 1m 00s left',
    });
    expect(describeWeight({ ...weight(0), status429: 3 }, NOW).refusals).toBe('429: 3 · 418: 0');
  });
});

describe('socket status of the page', () => {
  const facts = { monotonicNow: 100_000, online: true, everySec: 5, dataFrom: '14:03:22', answers: true };
  const line = (
    given: { connected: boolean; lastFrameAt: number | null },
    other: Partial<typeof facts> = {},
  ) => describeSocket(given, { ...facts, ...other });

  it('is live while frames arrive, whatever the connection state', () => {
    expect(line({ connected: true, lastFrameAt: 96_000 })).toMatchObject({
      word: 'Live socket',
      banner: null,
    });
    expect(line({ connected: true, lastFrameAt: 80_000 })).toMatchObject({ word: 'Socket silent' });
  });

  it('is down with a note of what still works', () => {
    expect(line({ connected: false, lastFrameAt: 70_000 }).banner).toBe(
      'The socket is down for 30s. The figures come from asking every 5s; streaming values stand still since 14:03:22.',
    );
    expect(line({ connected: false, lastFrameAt: null }).word).toBe('Connecting');
    expect(line({ connected: false, lastFrameAt: 70_000 }, { online: false }).word).toBe('Offline');
    expect(line({ connected: false, lastFrameAt: 70_000 }, { answers: false }).banner).toBe(
      'The socket is down for 30s. The server does not answer either, so the figures are old; streaming values stand still since 14:03:22.',
    );
  });

  it('counts each gap once, from its request to its response', () => {
    const planned: Ask = { stage: 'planned', reason: 'gap', dueAt: 1 };
    const sent: Ask = { stage: 'sent', reason: 'gap', id: 1, sentAt: 1 };
    const facts: Ask = { stage: 'sent', reason: 'facts', id: 2, sentAt: 1 };
    const seen = [planned, sent, null, facts, null, { ...planned }, null].reduce(countGaps, {
      gaps: 0,
      ask: null,
    });
    expect(seen.gaps).toBe(2);
  });
});

describe('report for an issue', () => {
  const body = aDebugBody({
    collectors: [
      aCollector({ state: 'slow' }),
      aCollector({ name: 'poller', state: 'never', inferred: true, lastAt: null }),
    ],
    gaps: [
      {
        from: NOW - 300_000,
        to: null,
        symbols: 300,
        silent: 300,
        examples: ['BTCUSDT'],
        why: 'not in the chunks that arrived',
      },
    ],
    ingest: [
      {
        at: NOW - 60_000,
        requestId: '7f3c',
        keyId: 'abc',
        source: 'realtime',
        received: 100,
        inserted: 0,
        duplicates: 0,
        rejected: 0,
        withoutUsd: 0,
        ms: 3_000,
        status: 503,
        reason: 'database_unavailable',
        refusals: [],
      },
    ],
  });
  const report = writeReport(body, { word: 'Broken', sentence: 'ingest stands still', tone: 'error' }, NOW);

  it('contains the strip, collectors, gaps and the last errors', () => {
    expect(report).toContain("Open Interest, operator's report of 2026-11-20T14:03:22Z");
    expect(report).toContain('health     Broken: ingest stands still');
    expect(report).toContain('universe 343 -> polled 343 -> posted 343');
    expect(report).toContain('oi-poller  Slow  4s ago');
    expect(report).toContain('poller  Never seen (inferred)  -');
    expect(report).toContain(
      '2026-11-20T13:58:22Z to now  300 symbols (BTCUSDT)  not in the chunks that arrived',
    );
    expect(report).toContain('2026-11-20T14:02:22Z  503  database_unavailable  request 7f3c');
    expect(report).toContain('weight     not reported');
  });

  it('is plain text for any terminal and issue tracker', () => {
    expect(report).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('ends with a curl command that names the token variable, without its value', () => {
    expect(writeCurl('http://localhost:3001')).toBe(
      `curl -sS 'http://localhost:3001/api/market/open-interest/debug' -H "Authorization: Bearer $TOKEN"`,
    );
  });
});
