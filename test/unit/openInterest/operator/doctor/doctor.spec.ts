import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { diagnose, renderDoctor } from '../../../../../src/openInterest/operator/doctor/doctor.ts';
import type { DoctorFacts } from '../../../../../src/openInterest/operator/doctor/facts.ts';
import {
  NOW,
  URL,
  aCollector,
  judge,
  theBoard,
  theBroadcast,
  theDatabase,
  theFacts,
  theIngest,
} from './doctorFacts.ts';

const LINE = /^(\w+) +(\S.*?) +(ok|(WAITING|LATE|DEGRADED|BROKEN) {2}\S.*)$/;

describe('doctor', () => {
  it('L7 has a line for each stage in the order of the flow, all ok in a healthy system', () => {
    const { healthy, stages } = diagnose(theFacts());
    expect(healthy).toBe(true);
    expect(
      renderDoctor(stages)
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      'node         up 2h 00m, event loop blocked for 12 ms at most in 30s             ok',
      'database     Postgres answers in 1.2 ms                                         ok',
      'redis        answers in 0.4 ms                                                  ok',
      'clocks       this node and the database agree to 0.1s                           ok',
      'universe     343 symbols, updated 2m 00s ago                                    ok',
      'collector    oi-poller beat 4s ago, weight 1,060/2,400                          ok',
      'ingest       8/8 chunks in 60s, 686 received, 686 accepted                      ok',
      'board        343 of 343 symbols live                                            ok',
      'stored       343 symbols moved in 60s, 686 rows by this node; hot 4 days, 2.4 GB, 240.0 B a sample; cold 27 days, 592.0 MB, 7.4 B a sample; compacted 14h 00m ago, 0 days to compact ok',
      'broadcast    seq 4182, 1.2s ago, 12 sockets in realtime, 30 in snapshot         ok',
      'alerts       12 of 14 rules enabled, evaluated by web-1:4711:9f3c2a10, last window 2s ago; 0 deliveries wait ok',
      '',
    ]);
  });

  it('L7 L3 reports 43 of 343 live symbols as a fault and points to its stage', () => {
    const { healthy, stages } = diagnose(
      theFacts({
        board: theBoard({
          live: 43,
          stale: 300,
          silentSince: Date.UTC(2026, 10, 20, 13, 20, 10),
          example: 'BTCUSDT',
        }),
      }),
    );
    expect(healthy).toBe(false);
    const broken = renderDoctor(stages)
      .split('\n')
      .filter((line) => line !== '' && !line.endsWith('ok'));
    expect(broken).toEqual([
      expect.stringMatching(
        /^board +43 of 343 symbols live, 300 not seen since 13:20:10Z \(39m\) +BROKEN .*curl -sS -H "X-API-Key: \$OPERATOR_KEY" 'http:\/\/127\.0\.0\.1:3001\/debug\/trace\/BTCUSDT'$/,
      ),
    ]);
  });

  it('L7 marks the first broken stage, even after one that is only late', () => {
    const { stages } = diagnose(
      theFacts({
        redis: { configured: true, pingMs: null, fault: null },
        universe: { total: 343, updatedAt: NOW - 3_600_000 },
        board: theBoard({ live: 0, stale: 343, silentSince: NOW - 600_000, example: 'AUSDT' }),
        stored: null,
      }),
    );
    const marked = renderDoctor(stages)
      .split('\n')
      .filter((line) => line.includes('first to look at'));
    expect(marked).toEqual([expect.stringMatching(/^board .* BROKEN {2}first to look at: curl /)]);
  });

  it('L7 marks the first stage that is not ok when nothing is broken', () => {
    const { stages } = diagnose(
      theFacts({
        redis: { configured: true, pingMs: null, fault: null },
        universe: { total: 343, updatedAt: NOW - 3_600_000 },
      }),
    );
    expect(renderDoctor(stages)).toMatch(/^redis .* DEGRADED {2}first to look at: start Redis/m);
    expect(renderDoctor(stages).match(/first to look at/g)).toHaveLength(1);
  });

  it('L7 has a remedy in each line that is not ok, for any facts', () => {
    const when = fc.option(fc.integer({ min: NOW - 900_000, max: NOW }));
    const count = fc.integer({ min: 0, max: 400 });
    const anyFacts: fc.Arbitrary<DoctorFacts> = fc
      .record({
        universe: fc.record({ total: count, updatedAt: when }),
        collectors: fc.option(
          fc.array(
            fc.record({
              receivedAt: fc.constant(NOW),
              ageSec: fc.integer({ min: 0, max: 9_999 }),
              state: fc.constantFrom('up' as const, 'slow' as const, 'down' as const),
              heartbeat: fc.record({
                collector: fc.constant('oi-poller'),
                everySec: fc.constant(10),
                jobs: fc.array(
                  fc.record({
                    name: fc.string({ minLength: 1, maxLength: 64, unit: 'binary' }),
                    state: fc.constantFrom(
                      'up' as const,
                      'slow' as const,
                      'down' as const,
                      'paused' as const,
                    ),
                    note: fc.string({ maxLength: 500, unit: 'binary' }),
                  }),
                  { maxLength: 4 },
                ),
                bannedUntil: fc.option(fc.integer({ min: NOW - 1_000, max: NOW + 99_000 })),
              }),
            }),
            { maxLength: 3 },
          ),
        ),
        lastAcceptedAt: when,
        refused: fc.option(fc.constantFrom('invalid_payload', null)),
        live: count,
        late: count,
        stale: count,
        unsampled: count,
        silentSince: when,
        stored: fc.option(fc.record({ moved: count, committed: count })),
        lastStoredAt: when,
        aheadMs: fc.option(fc.integer({ min: -900_000, max: 900_000 })),
        inserted: count,
        rejected: count,
        pingMs: fc.option(fc.constant(1)),
        fault: fc.option(fc.constantFrom('connect ECONNREFUSED', 'NOAUTH Authentication required.')),
        publishedAt: when,
        waitingSince: when,
        realtimeEnabled: fc.boolean(),
      })
      .map((it) =>
        theFacts({
          universe: it.universe,
          collectors: it.collectors,
          ingest: theIngest({
            lastAcceptedAt: it.lastAcceptedAt,
            lastStoredAt: it.lastStoredAt,
            lastRefusal:
              it.refused === undefined
                ? null
                : { at: NOW - 1_000, status: 400, reason: it.refused, detail: it.refused },
            totals: { inserted: it.inserted, rejected: it.rejected },
          }),
          board: theBoard({
            symbols: it.live + it.late + it.stale,
            live: it.live,
            late: it.late,
            stale: it.stale,
            unsampled: it.unsampled,
            silentSince: it.silentSince,
          }),
          stored: it.stored,
          clocks: {
            databaseAheadMs: it.aheadMs,
            collectors: [{ name: 'oi-poller', aheadMs: it.aheadMs, exchangeAheadMs: it.aheadMs }],
            samplesAheadMs: it.aheadMs,
          },
          database: theDatabase({
            kind: 'embedded',
            pingMs: it.pingMs,
            fault: it.fault === null ? null : { kind: 'no_connection', code: null, message: it.fault },
          }),
          redis: { configured: true, pingMs: it.pingMs, fault: it.fault },
          broadcast: theBroadcast({
            publishedAt: it.publishedAt,
            waitingSince: it.waitingSince,
            realtimeEnabled: it.realtimeEnabled,
          }),
        }),
      );
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { healthy, stages } = diagnose(facts);
        const text = renderDoctor(stages);
        expect(text.endsWith('\n')).toBe(true);
        const lines = text.slice(0, -1).split('\n');
        expect(lines).toHaveLength(stages.length);
        for (const line of lines) expect(line).toMatch(LINE);
        expect(lines.every((line) => line.endsWith(' ok'))).toBe(healthy);
        for (const it of stages) {
          expect(it.next === undefined).toBe(it.state === 'ok');
          expect(it.finding).not.toMatch(/NaN|undefined|null|Infinity/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("O3 keeps a collector's text on one line, and truncates it", () => {
    const { stages } = diagnose(
      theFacts({
        collectors: [
          aCollector({
            heartbeat: {
              jobs: [
                {
                  name: 'poller',
                  state: 'down',
                  note: `403\r\nboard        343 of 343 symbols live   ok\u2028\u001b[31m${'x'.repeat(400)}`,
                },
              ],
            },
          }),
        ],
      }),
    );
    const lines = renderDoctor(stages)
      .trimEnd()
      .split(/[\n\r\u2028\u2029]/);
    expect(lines).toHaveLength(11);
    expect(lines[5]).toMatch(LINE);
    expect(lines[5]).not.toContain('\u001b');
    expect(lines[5]!.length).toBeLessThan(400);
  });
});

describe('database and Redis', () => {
  it.each([
    ['external', 'Postgres answers in 1.2 ms'],
    ['embedded', 'embedded Postgres answers in 1.2 ms'],
  ] as const)('are named: %s', (kind, finding) => {
    expect(judge('database', { database: theDatabase({ kind }) })).toMatchObject({ finding, state: 'ok' });
  });

  it('D5 are degraded when production uses the embedded database', () => {
    const database = theDatabase({ kind: 'embedded' });
    expect(judge('database', { database, production: true })).toMatchObject({
      finding: 'embedded Postgres answers in 1.2 ms; NODE_ENV is production and DATABASE_URL is not set',
      state: 'DEGRADED',
    });
    expect(judge('database', { database, production: false }).state).toBe('ok');
    expect(judge('database', { production: true }).state).toBe('ok');
    expect(judge('database', { database: { ...database, pingMs: null }, production: true }).state).toBe(
      'BROKEN',
    );
  });

  it('I6 are broken when Postgres does not answer, without loss', () => {
    expect(judge('database', { database: theDatabase({ pingMs: null }) })).toMatchObject({
      finding: expect.stringContaining('ingest answers 503 and nothing is lost'),
      state: 'BROKEN',
    });
  });

  it.each([
    ['external', 'start Postgres, then check DATABASE_URL and its log'],
    ['embedded', 'restart this server, which starts it; read postgres/postgres.log in DATA_DIR'],
  ] as const)('I6 name the remedy for a database that does not answer: %s', (kind, next) => {
    expect(judge('database', { database: theDatabase({ kind, pingMs: null }) }).next).toBe(next);
  });

  it('C2 are degraded without Redis when it is configured, and ok when it is not', () => {
    expect(judge('redis', { redis: { configured: true, pingMs: null, fault: null } }).state).toBe('DEGRADED');
    expect(judge('redis', { redis: { configured: false, pingMs: null, fault: null } })).toMatchObject({
      finding: 'not configured; this node works alone',
      state: 'ok',
    });
  });
});

describe('universe', () => {
  it.each([
    ['was never set', { total: 0, updatedAt: null }, 'WAITING', 'no symbols yet'],
    ['is empty', { total: 0, updatedAt: NOW }, 'WAITING', 'no symbols yet'],
    ['is 15 min old', { total: 343, updatedAt: NOW - 900_000 }, 'ok', '343 symbols, updated 15m ago'],
    ['is older', { total: 343, updatedAt: NOW - 900_001 }, 'LATE', '343 symbols, updated 15m ago'],
  ] as const)('that %s', (_case, universe, state, finding) => {
    expect(judge('universe', { universe })).toMatchObject({ state, finding });
  });
});

describe('collector', () => {
  it('is unknown, not down, while the database does not answer', () => {
    expect(judge('collector', { collectors: null })).toMatchObject({
      state: 'DEGRADED',
      next: 'see database',
    });
  });

  it('is inferred from ingest without a report: the original sends no heartbeat', () => {
    expect(judge('collector', { collectors: [] })).toEqual({
      stage: 'collector',
      finding: 'no heartbeat, inferred from ingest: last chunk 2s ago',
      state: 'ok',
    });
    expect(
      judge('collector', {
        collectors: [],
        ingest: theIngest({ lastAcceptedAt: NOW - 60_001, lastStoredAt: null }),
      }),
    ).toMatchObject({ state: 'LATE' });
    expect(
      judge('collector', { collectors: [], ingest: theIngest({ lastAcceptedAt: null, lastStoredAt: null }) }),
    ).toMatchObject({
      finding: 'no heartbeat and no chunk yet',
      state: 'WAITING',
    });
  });

  it.each([
    ['up', 'ok'],
    ['slow', 'LATE'],
    ['down', 'BROKEN'],
  ] as const)('that is %s by its beats is %s', (state, verdict) => {
    expect(judge('collector', { collectors: [aCollector({ state })] }).state).toBe(verdict);
  });

  it.each(['slow', 'down'] as const)('is degraded by a job that is %s, which is named', (state) => {
    const collector = aCollector({
      heartbeat: { jobs: [{ name: 'mark-prices', state, note: 'reconnecting' }] },
    });
    expect(judge('collector', { collectors: [collector] })).toMatchObject({
      state: 'DEGRADED',
      finding: expect.stringContaining(`mark-prices ${state} (reconnecting)`),
    });
  });

  it('is ok with a paused job', () => {
    const collector = aCollector({ heartbeat: { jobs: [{ name: 'snapshots', state: 'paused' }] } });
    expect(judge('collector', { collectors: [collector] }).state).toBe('ok');
  });

  it('Q2 is broken while the exchange has banned it, with the time left', () => {
    const banned = (bannedUntil: number) => [aCollector({ state: 'down', heartbeat: { bannedUntil } })];
    expect(judge('collector', { collectors: banned(NOW + 95_000) })).toMatchObject({
      state: 'BROKEN',
      finding: expect.stringContaining('banned by the exchange for 1m 35s'),
      next: expect.stringContaining('OI_MAX_REQ_PER_MIN'),
    });
    expect(judge('collector', { collectors: banned(NOW) }).finding).not.toContain('banned');
  });

  it('shows what is not reported, and what waits in the spool', () => {
    const collector = aCollector({
      heartbeat: { weight: null, spool: { chunks: 1_284, bytes: 9, dropped: 0 } },
    });
    expect(judge('collector', { collectors: [collector] }).finding).toBe(
      'oi-poller beat 4s ago, weight not reported, 1,284 chunks spooled',
    );
  });

  it('has a line for each that reports', () => {
    const other = aCollector({ state: 'down', heartbeat: { collector: 'snapshots' } });
    const { stages } = diagnose(theFacts({ collectors: [aCollector(), other] }));
    expect(stages.filter((it) => it.stage === 'collector').map((it) => it.state)).toEqual(['ok', 'BROKEN']);
  });
});

describe('ingest', () => {
  it('is waiting before the first chunk, and broken when every chunk has been refused', () => {
    const nothing = theIngest({ lastAcceptedAt: null, lastStoredAt: null });
    expect(judge('ingest', { ingest: nothing })).toMatchObject({
      finding: 'no chunk accepted since the start 2h 00m ago',
      state: 'WAITING',
    });
    const refused = {
      ...nothing,
      lastRefusal: { at: NOW - 1_000, status: 400, reason: 'no_valid_items', detail: null },
    };
    expect(judge('ingest', { ingest: refused })).toMatchObject({
      finding: 'no chunk accepted since the start 2h 00m ago, last refused with 400 no_valid_items',
      state: 'BROKEN',
    });
  });

  it.each([
    [60_000, 'ok'],
    [60_001, 'LATE'],
    [180_000, 'LATE'],
    [180_001, 'BROKEN'],
  ] as const)('that has been silent for %i ms is %s', (silenceMs, state) => {
    expect(
      judge('ingest', { ingest: theIngest({ lastAcceptedAt: NOW - silenceMs, lastStoredAt: null }) }).state,
    ).toBe(state);
  });

  it('shows that chunks arrive and are refused', () => {
    const lastRefusal = { at: NOW - 1_000, status: 503, reason: 'database_unavailable', detail: null };
    expect(
      judge('ingest', {
        ingest: theIngest({ lastAcceptedAt: NOW - 300_000, lastStoredAt: null, lastRefusal }),
      }).finding,
    ).toBe('no chunk accepted for 5m 00s, last refused with 503 database_unavailable');
    const before = { ...lastRefusal, at: NOW - 400_000 };
    expect(
      judge('ingest', {
        ingest: theIngest({ lastAcceptedAt: NOW - 300_000, lastStoredAt: null, lastRefusal: before }),
      }).finding,
    ).toBe('no chunk accepted for 5m 00s');
  });

  it('L4 is degraded by a refused chunk and by a refused item, and counts both', () => {
    expect(judge('ingest', { ingest: theIngest({ totals: { refusedChunks: 1 } }) })).toMatchObject({
      finding: '7/8 chunks in 60s, 686 received, 686 accepted',
      state: 'DEGRADED',
    });
    expect(
      judge('ingest', { ingest: theIngest({ totals: { inserted: 600, duplicates: 80, rejected: 6 } }) }),
    ).toMatchObject({
      finding: '8/8 chunks in 60s, 686 received, 680 accepted, 6 refused',
      state: 'DEGRADED',
    });
  });
});

describe('board', () => {
  it('is waiting before the first sample', () => {
    expect(
      judge('board', {
        board: theBoard({ symbols: 0, live: 0, unsampled: 343 }),
        ingest: theIngest({ lastAcceptedAt: null, lastStoredAt: null }),
      }),
    ).toMatchObject({ finding: 'empty: no sample has been received', state: 'WAITING' });
  });

  it('is broken when chunks arrive without any member of the universe', () => {
    expect(
      judge('board', { board: theBoard({ symbols: 0, live: 0, unsampled: 343, example: 'AUSDT' }) }),
    ).toMatchObject({ finding: '0 of 343 symbols live, 343 never sampled', state: 'BROKEN' });
  });

  it('L3 L4 counts silent symbols apart from those never sampled', () => {
    expect(
      judge('board', {
        board: theBoard({
          symbols: 143,
          live: 43,
          late: 20,
          stale: 80,
          unsampled: 200,
          silentSince: NOW - 2_390_000,
          example: 'AUSDT',
        }),
      }).finding,
    ).toBe('43 of 343 symbols live, 100 not seen since 13:20:10Z (39m), 200 never sampled');
  });

  it.each([
    [343, 'ok'],
    [342, 'LATE'],
    [309, 'LATE'],
    [308, 'BROKEN'],
  ] as const)('L3 with %i of 343 symbols live is %s', (live, state) => {
    const board = theBoard({ live, stale: 343 - live, silentSince: NOW - 600_000, example: 'AUSDT' });
    expect(judge('board', { board }).state).toBe(state);
  });

  it('counts its symbols while there is no universe', () => {
    const universe = { total: 0, updatedAt: null };
    expect(judge('board', { universe, board: theBoard({ symbols: 12, live: 12 }) })).toMatchObject({
      finding: '12 of 12 symbols live',
      state: 'ok',
    });
  });

  it('L1 is degraded while USD values are unknown', () => {
    expect(judge('board', { board: theBoard({ withoutUsd: 343 }) })).toMatchObject({
      finding: '343 of 343 symbols live, 343 without USD (no mark price)',
      state: 'DEGRADED',
      next: 'check the mark prices of the collector',
    });
  });

  it('has a command that can be pasted for a symbol in any script', () => {
    const board = theBoard({ live: 0, stale: 343, silentSince: NOW - 600_000, example: '币安人生USDT' });
    expect(judge('board', { board }).next).toBe(
      `curl -sS -H "X-API-Key: $OPERATOR_KEY" '${URL}/debug/trace/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT'`,
    );
  });
});

describe('stored', () => {
  it('is unknown while the database does not answer', () => {
    expect(judge('stored', { stored: null, storedFault: 'canceling statement' })).toMatchObject({
      finding: 'cannot be read (canceling statement)',
      state: 'BROKEN',
      next: 'see database',
    });
  });

  it('names what both tiers hold, and leaves it out while the database does not answer', () => {
    const empty = { days: 0, oldest: null, newest: null, samples: 0, bytes: 0 };
    const history = {
      hot: { ...empty, days: 1, samples: 10, bytes: 24_576, backlogDays: 2 },
      cold: { ...empty, blocks: 0, payloadBytes: 0, compactedAt: null },
    };
    expect(judge('stored', { history })).toEqual({
      stage: 'stored',
      finding:
        '343 symbols moved in 60s, 686 rows by this node; ' +
        'hot 1 day, 24.6 kB, 2,457.6 B a sample; cold 0 days, 0 B; compacted never, 2 days to compact',
      state: 'ok',
    });
    expect(judge('stored', { history: null }).finding).toBe(
      '343 symbols moved in 60s, 686 rows by this node',
    );
  });

  it('is waiting before the first row', () => {
    const ingest = theIngest({ lastStoredAt: null });
    expect(judge('stored', { ingest }).state).toBe('WAITING');
    const board = theBoard({ symbols: 0, live: 0 });
    expect(judge('stored', { board, stored: { moved: 0, committed: 0 } }).state).toBe('WAITING');
  });

  it('is broken when rows are committed and the latest ones do not move', () => {
    const stored = (moved: number, committed: number) => judge('stored', { stored: { moved, committed } });
    expect(stored(0, 343)).toMatchObject({
      finding: expect.stringContaining('though it committed 343 symbols'),
      state: 'BROKEN',
    });
    expect(stored(308, 343).state).toBe('BROKEN');
    expect(stored(309, 343).state).toBe('ok');
  });

  it('is ok with rows that change no latest row: a delivered spool, history, one symbol many times', () => {
    const ingest = theIngest({ totals: { inserted: 5_000 } });
    expect(judge('stored', { ingest, stored: { moved: 1, committed: 1 } }).state).toBe('ok');
  });

  it('is ok on a node that ingested nothing itself', () => {
    const ingest = theIngest({ lastAcceptedAt: null, totals: { chunks: 0, received: 0, inserted: 0 } });
    expect(judge('stored', { ingest, stored: { moved: 343, committed: 0 } }).state).toBe('ok');
  });

  it.each([
    [60_000, 'ok'],
    [60_001, 'LATE'],
    [180_001, 'BROKEN'],
  ] as const)('that moved last %i ms ago is %s: no row is no good sign', (ageMs, state) => {
    const ingest = theIngest({ lastStoredAt: NOW - ageMs });
    const judged = judge('stored', { ingest, stored: { moved: 0, committed: 0 } });
    expect(judged.state).toBe(state);
    expect(judged.finding).toContain('0 symbols moved in 60s');
  });
});

describe('broadcast', () => {
  it('is ok in shadow mode, and shows it', () => {
    expect(
      judge('broadcast', { broadcast: theBroadcast({ realtimeEnabled: false, publishedAt: null }) }),
    ).toEqual({
      stage: 'broadcast',
      finding: 'realtime is switched off (shadow mode), 12 sockets in realtime, 30 in snapshot',
      state: 'ok',
    });
  });

  it('is waiting before the first window', () => {
    const broadcast = theBroadcast({ publishedAt: null });
    expect(judge('broadcast', { broadcast })).toMatchObject({ state: 'WAITING', next: 'see ingest' });
  });

  it.each([
    [60_000, 'ok'],
    [60_001, 'LATE'],
  ] as const)('that published last %i ms ago is %s', (ageMs, state) => {
    expect(judge('broadcast', { broadcast: theBroadcast({ publishedAt: NOW - ageMs }) }).state).toBe(state);
  });

  it.each([
    ['went out before', NOW - 600_000],
    ['never went out', null],
  ])('is broken when changes wait and are not published, if any %s', (_case, publishedAt) => {
    const broadcast = theBroadcast({ publishedAt, waitingSince: NOW - 120_000 });
    expect(judge('broadcast', { broadcast })).toMatchObject({
      state: 'BROKEN',
      finding: expect.stringContaining('changes have waited for 2m 00s'),
      next: expect.stringContaining('restart the node'),
    });
  });

  it('is ok after chunks without a change, and with the first change after a silence', () => {
    const quiet = theBroadcast({ publishedAt: NOW - 600_000 });
    expect(judge('broadcast', { broadcast: quiet }).state).toBe('LATE');
    expect(judge('broadcast', { broadcast: { ...quiet, waitingSince: NOW - 200 } }).state).toBe('LATE');
  });
});
