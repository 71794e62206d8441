import { describe, expect, it } from '@jest/globals';
import { describeStrip } from '../../../src/dashboard/debug/strip.ts';
import type { PipelineStep } from '../../../src/openInterest/operator/debug/debug.types.ts';
import { NOW, aDebugBody } from './debugBodies.ts';

const clock = (at: number) => new Date(at).toISOString().slice(11, 19);

function strip(changes: Partial<Record<PipelineStep['stage'], Partial<PipelineStep>>> = {}) {
  const pipeline = aDebugBody().pipeline.map((step) => ({ ...step, ...changes[step.stage] }));
  return describeStrip(pipeline, clock);
}

describe('pipeline strip', () => {
  it('is one line of seven equal counts when everything flows', () => {
    expect(strip().map((it) => it.text)).toEqual([
      'universe 343',
      'polled 343',
      'posted 343',
      'accepted 343',
      'stored 343',
      'broadcast 343',
      '12 clients',
    ]);
    expect(strip().every((it) => it.warning === null && it.tone === 'plain')).toBe(true);
  });

  it('shows at the first drop how many are missing since when, in red and as text', () => {
    const since = NOW - 2_592_000;
    const items = strip({
      stored: { count: 43, missing: 300, since },
      broadcast: { count: 40, missing: 3, since: NOW },
    });
    expect(items[4]).toMatchObject({
      text: 'stored 43 of 343',
      tone: 'error',
      warning: `300 missing since ${clock(since)}`,
      shows: { universe: 'missing-stored' },
    });
    expect(items[5]).toMatchObject({ text: 'broadcast 40', tone: 'warn', warning: null });
  });

  it('warns of a symbol or two, and uses red for more than a tenth', () => {
    expect(strip({ posted: { count: 342, missing: 1, since: null } })[2]).toMatchObject({
      tone: 'warn',
      warning: '1 missing, never seen here',
    });
    expect(strip({ posted: { count: 300, missing: 43 } })[2]).toMatchObject({ tone: 'error' });
  });

  it('shows the largest loss even if one symbol fails at an earlier stage', () => {
    const items = strip({
      polled: { count: 342, missing: 1 },
      posted: { count: 43, missing: 299, since: NOW },
    });
    expect(items[1]).toMatchObject({ text: 'polled 342', tone: 'warn', warning: null });
    expect(items[2]).toMatchObject({ text: 'posted 43 of 342', tone: 'error' });
    expect(items[2]?.warning).toBe(`299 missing since ${clock(NOW)}`);
    expect(strip({ polled: { count: 342, missing: 1 } })[1]?.warning).toBe('1 missing');
  });

  it('shows a dash for an unknown count, with the reason', () => {
    const [, , , , stored] = strip({ stored: { count: null, note: 'the database does not answer' } });
    expect(stored).toMatchObject({ text: 'stored —', tone: 'muted' });
    expect(stored?.title).toContain('the database does not answer');
  });

  it('mutes and marks inferred counts', () => {
    const [, polled] = strip({ polled: { how: 'inferred', note: 'no collector reports it' } });
    expect(polled?.tone).toBe('muted');
    expect(polled?.title).toBe(
      'Symbols that collectors polled in their last sweep; inferred; no collector reports it',
    );
  });

  it('uses the singular for one client', () => {
    expect(strip({ clients: { count: 1 } })[6]?.text).toBe('1 client');
  });
});
