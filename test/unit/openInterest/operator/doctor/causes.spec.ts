import { describe, expect, it } from '@jest/globals';
import type { DoctorFacts } from '../../../../../src/openInterest/operator/doctor/facts.ts';
import type { CollectorHeartbeat } from '../../../../../src/openInterest/operator/collectors/heartbeat.types.ts';
import {
  NOW,
  aCollector,
  firstOf,
  judge,
  refusedPosts,
  theAlerts,
  theBoard,
  theBroadcast,
  theDatabase,
  theFacts,
  theIngest,
} from './doctorFacts.ts';
import { diagnose } from '../../../../../src/openInterest/operator/doctor/doctor.ts';

type Job = CollectorHeartbeat['jobs'][number];

const SILENT = theBoard({ live: 0, stale: 343, silentSince: NOW - 300_000, example: 'AUSDT' });

function aPoller(given: Partial<Job>): Job {
  return { name: 'poller', state: 'down', ok: 0, failed: 343, note: '343 of 343 symbols not read', ...given };
}

function collectorWith(...jobs: Job[]): DoctorFacts['collectors'] {
  return [aCollector({ heartbeat: { sentAt: NOW - 4_000, jobs } })];
}

describe('first stage to look at', () => {
  it('L7 is the cause and not its consequence, whatever their states', () => {
    const late = aCollector({ heartbeat: { jobs: [aPoller({ state: 'slow' })] } });
    expect(firstOf({ collectors: [late], board: SILENT })).toBe('collector');
    const limited = theIngest({ refusedPosts: [refusedPosts({ status: 429, keyId: '0f3a', limit: 24 })] });
    expect(firstOf({ ingest: limited, board: SILENT })).toBe('ingest');
  });

  it('L7 skips faults that let samples pass: Redis, an old universe, a side job, a lost sample', () => {
    const spool = { chunks: 0, bytes: 0, dropped: 4_406, lastDroppedAt: NOW - 60_000 };
    const side: Job = { name: 'mark-prices', state: 'down' };
    expect(
      firstOf({
        redis: { configured: true, pingMs: null, fault: null },
        universe: { total: 343, updatedAt: NOW - 3_600_000 },
        collectors: [aCollector({ heartbeat: { sentAt: NOW, jobs: [side], spool } })],
        board: SILENT,
      }),
    ).toBe('board');
  });

  it('L7 is the first of those when nothing else is wrong, and none when all is well', () => {
    expect(firstOf({ redis: { configured: true, pingMs: null, fault: null } })).toBe('redis');
    expect(firstOf({})).toBeUndefined();
  });
});

describe('health', () => {
  it('L7 is that of the system: an idle node is healthy while another one stores', () => {
    const nothingHere = theIngest({
      lastAcceptedAt: null,
      totals: { chunks: 0, received: 0, inserted: 0 },
    });
    const facts = theFacts({ ingest: nothingHere, stored: { moved: 343, committed: 0 } });
    expect(diagnose(facts).healthy).toBe(true);
    expect(judge('ingest', { ingest: nothingHere }).finding).toBe(
      'no chunk here, another node stored one 2s ago',
    );
  });

  it('L7 follows the pace of the rows: between two five-minute sweeps nothing is wrong', () => {
    const sweepAt = NOW - 290_000;
    const facts = theFacts({
      ingest: theIngest({
        lastAcceptedAt: sweepAt,
        lastStoredAt: sweepAt,
        totals: { chunks: 0, received: 0, inserted: 0 },
      }),
      collectors: [],
      stored: { moved: 0, committed: 0 },
      board: theBoard({ pace: { lateMs: 600_000, brokenMs: 1_500_000 } }),
      broadcast: theBroadcast({ publishedAt: sweepAt }),
    });
    expect(diagnose(facts)).toMatchObject({ healthy: true });
    expect(judge('ingest', { ingest: facts.ingest, board: facts.board }).finding).toBe(
      'last chunk 4m 50s ago',
    );
  });

  it('L7 does not count members as missing that have just entered', () => {
    expect(judge('board', { board: theBoard({ entering: 2 }) })).toMatchObject({
      finding: '343 of 343 symbols live, 2 just entered',
      state: 'ok',
    });
  });
});

describe('a collector blocked by the exchange', () => {
  it.each([
    [451, 'unavailable from a restricted location'],
    [403, 'Forbidden'],
  ])('L7 names the block by %i, every job that waits for it, and the remedy', (status, text) => {
    const blocked = {
      state: 'down' as const,
      blockedBy: 'exchange_address',
      waitsUntil: NOW + 60_000,
      lastError: { at: NOW - 9_000, status, text, count: 1 },
    };
    const collectors = collectorWith(aPoller(blocked), { name: 'liquid-universe', ...blocked });
    expect(judge('collector', { collectors })).toMatchObject({
      finding: expect.stringContaining(
        `the exchange blocks this address (${status}: ${text}); poller, liquid-universe wait 1m 00s more`,
      ),
      state: 'BROKEN',
      next: expect.stringContaining('another region or provider'),
    });
    expect(firstOf({ collectors, board: SILENT })).toBe('collector');
  });

  it('L7 shows who uses the weight of the address, and how long it waits', () => {
    const weight = { used: 2_400, ours: 1, others: 2_399, limit: 2_400 };
    const jobs = [aPoller({ blockedBy: 'exchange_weight', waitsUntil: NOW + 24_000 })];
    const collectors = [aCollector({ heartbeat: { sentAt: NOW - 4_000, jobs, weight } })];
    expect(judge('collector', { collectors })).toMatchObject({
      finding: expect.stringContaining('ours 1, others 2,399 of 2,400; poller waits 24s more'),
      state: 'BROKEN',
    });
  });

  it("L7 does not blame programs that use nothing: the job's requests are unanswered", () => {
    const weight = { used: 41, ours: 41, others: 0, limit: 2_400 };
    const text = 'getaddrinfo ENOTFOUND exchange.invalid';
    const lastError = { at: NOW, status: null, code: 'ENOTFOUND', text, count: 2 };
    const jobs = [aPoller({ blockedBy: 'exchange_weight', note: 'waits for request weight', lastError })];
    const collectors = [aCollector({ heartbeat: { sentAt: NOW - 4_000, jobs, weight } })];
    expect(judge('collector', { collectors })).toMatchObject({
      finding: expect.stringContaining(
        `poller down (waits for request weight; ${text}, 2 times in a minute)`,
      ),
      state: 'BROKEN',
      next: expect.stringContaining('BINANCE_REST_URL'),
    });
  });

  it('L7 quotes the last answer: a code, or that there was none', () => {
    const overloaded = { at: NOW, status: 503, code: '-1008', text: 'Server is overloaded', count: 340 };
    expect(
      judge('collector', { collectors: collectorWith(aPoller({ lastError: overloaded })) }),
    ).toMatchObject({
      finding: expect.stringContaining(
        'poller down (343 of 343 symbols not read; 503 -1008: Server is overloaded, 340 times in a minute)',
      ),
      state: 'BROKEN',
    });
    const silent = { at: NOW, status: null, text: 'no answer in 5 s', count: 1 };
    expect(
      judge('collector', { collectors: collectorWith(aPoller({ lastError: silent })) }).finding,
    ).toContain('no answer in 5 s');
  });

  it('L7 quotes an error once if the note ends with it', () => {
    const text = '/fapi/v1/openInterest: no answer in 5 s';
    const note = `343 of 343 symbols not read: ${text} (last of 108 in a minute)`;
    const lastError = { at: NOW, status: null, text, count: 108 };
    expect(judge('collector', { collectors: collectorWith(aPoller({ note, lastError })) }).finding).toContain(
      `poller down (343 of 343 symbols not read; ${text}, 108 times in a minute)`,
    );
  });

  it('L7 names a network fault once', () => {
    const lastError = { at: NOW, status: null, code: 'ECONNREFUSED', text: 'connect ECONNREFUSED', count: 1 };
    expect(judge('collector', { collectors: collectorWith(aPoller({ lastError })) }).finding).toContain(
      '343 of 343 symbols not read; connect ECONNREFUSED)',
    );
  });

  it('L7 points to a name that cannot be resolved, even before the first request has failed', () => {
    const text = '/fapi/v1/exchangeInfo: getaddrinfo ENOTFOUND exchange.invalid';
    const lastError = { at: NOW, status: null, code: 'ENOTFOUND', text, count: 2 };
    const jobs = [aPoller({}), { name: 'liquid-universe', state: 'down' as const, note: text, lastError }];
    expect(judge('collector', { collectors: collectorWith(...jobs) })).toMatchObject({
      finding: expect.stringContaining('poller down (343 of 343 symbols not read), liquid-universe down'),
      next: expect.stringContaining('BINANCE_REST_URL'),
    });
  });

  it('L7 is unhealthy while its poller is paused, for any build', () => {
    const note = 'nothing is sent to the exchange before 2026-11-20T14:02:00.000Z';
    const paused = collectorWith(aPoller({ state: 'paused', note }));
    expect(judge('collector', { collectors: paused })).toMatchObject({
      state: 'BROKEN',
      finding: expect.stringContaining(note),
    });
    expect(judge('collector', { collectors: collectorWith(aPoller({ state: 'down' })) }).state).toBe(
      'BROKEN',
    );
  });

  it('L7 waits for the universe where there is none', () => {
    const collectors = collectorWith(aPoller({ state: 'paused', blockedBy: 'universe' }));
    expect(judge('collector', { collectors })).toMatchObject({ state: 'WAITING', next: 'see universe' });
  });
});

describe('a collector and this server', () => {
  const down = aCollector({ state: 'down', ageSec: 65 });

  it('L7 is running with a refused key, so that starting it is no remedy', () => {
    const ingest = theIngest({ lastAcceptedAt: NOW - 65_000, refusedPosts: [refusedPosts()] });
    expect(judge('collector', { collectors: [down], ingest })).toMatchObject({
      finding: expect.stringContaining(
        'it is running, but its key is refused: 12 posts in 60s got 401 key_unknown from 10.0.0.5 since 13:58:50Z',
      ),
      state: 'BROKEN',
      next: expect.stringContaining('INGEST_API_KEYS'),
    });
    const nothingYet = theIngest({
      lastAcceptedAt: null,
      lastStoredAt: null,
      refusedPosts: [refusedPosts()],
    });
    expect(judge('collector', { collectors: [], ingest: nothingYet })).toMatchObject({
      finding: expect.stringContaining('a sender is running, but is refused'),
      state: 'BROKEN',
    });
  });

  it('L7 is not blamed for heartbeats that the database refuses', () => {
    const database = theDatabase({ writeFault: { kind: 'read_only', code: '25006', message: 'read-only' } });
    expect(judge('collector', { collectors: [down], database })).toMatchObject({
      finding: expect.stringContaining('newer heartbeats cannot be stored'),
      next: 'see database',
    });
  });

  it('is no fault after an orderly stop while others post, and the cause when none does', () => {
    const stopped = aCollector({ ageSec: 300, state: 'down', heartbeat: { stopping: true } });
    expect(judge('collector', { collectors: [stopped] })).toEqual({
      stage: 'collector',
      finding: 'oi-poller stopped in order 5m 00s ago',
      state: 'ok',
    });
    const ingest = theIngest({ lastAcceptedAt: NOW - 300_000, lastStoredAt: NOW - 300_000 });
    expect(judge('collector', { collectors: [stopped], ingest })).toMatchObject({ state: 'LATE' });
    expect(firstOf({ collectors: [stopped], ingest, board: SILENT })).toBe('collector');
  });

  it('L4 shows the samples it lost, and counts them for an hour', () => {
    const withSpool = (lastDroppedAt: number) => [
      aCollector({
        heartbeat: {
          sentAt: NOW - 4_000,
          spool: { chunks: 0, bytes: 0, dropped: 4_406, lastDroppedAt, deadLetters: 7 },
        },
      }),
    ];
    expect(judge('collector', { collectors: withSpool(NOW - 120_000) })).toMatchObject({
      finding: expect.stringMatching(
        /4,406 samples dropped, 7 dead letters, the last samples dropped 2m 00s ago$/,
      ),
      state: 'DEGRADED',
    });
    expect(judge('collector', { collectors: withSpool(NOW - 3_700_000) }).state).toBe('ok');
  });

  it('L7 must have a unique name', () => {
    expect(judge('collector', { collectors: [{ ...aCollector(), isDuplicate: true }] })).toMatchObject({
      finding: expect.stringContaining('two collectors report by the same name'),
      next: expect.stringContaining('COLLECTOR_NAME'),
    });
  });

  it('L7 has a command that removes it when it is retired', () => {
    expect(judge('collector', { collectors: [down] }).next).toContain(
      `curl -sS -X DELETE -H "X-API-Key: $OPERATOR_KEY" 'http://127.0.0.1:3001/api/collectors/oi-poller'`,
    );
  });
});

describe('posts refused before they became a chunk', () => {
  it('L4 are counted by sender, with the limit they hit', () => {
    const limited = refusedPosts({
      status: 429,
      code: 'rate_limited',
      keyId: '0f3a6b',
      posts: 17,
      limit: 24,
    });
    expect(judge('ingest', { ingest: theIngest({ refusedPosts: [limited] }) })).toMatchObject({
      finding: expect.stringContaining(
        '17 posts in 60s got 429 (limit 24 a minute) from 10.0.0.5 with key 0f3a6b',
      ),
      state: 'DEGRADED',
      next: expect.stringContaining('INGEST_RATE_LIMIT_PER_MIN'),
    });
  });

  it('L7 point to the remedy for a sender with a valid key, however many posts an unknown sender makes', () => {
    const unknownSender = refusedPosts({ posts: 44 });
    const sender = refusedPosts({ status: 415, code: 'unsupported_media_type', keyId: '0f3a6b', posts: 3 });
    expect(judge('ingest', { ingest: theIngest({ refusedPosts: [unknownSender, sender] }) })).toMatchObject({
      state: 'DEGRADED',
      next: expect.stringContaining('application/json'),
    });
  });

  it('L7 are shown, but no fault while an unknown sender makes them', () => {
    const judged = judge('ingest', { ingest: theIngest({ refusedPosts: [refusedPosts()] }) });
    expect(judged).toMatchObject({
      state: 'ok',
      finding: expect.stringContaining('12 posts in 60s got 401 key_unknown from 10.0.0.5'),
    });
  });

  it('L4 are distinct from chunks with only refused items, whose reason is quoted', () => {
    const lastRefusal = {
      at: NOW - 1_000,
      status: 400,
      reason: 'no_valid_items',
      detail: 'ts_in_future: lies 600 s ahead of the server',
    };
    const ingest = theIngest({ lastAcceptedAt: null, lastStoredAt: null, lastRefusal });
    expect(judge('ingest', { ingest })).toMatchObject({
      finding: expect.stringContaining('400 no_valid_items (ts_in_future: lies 600 s ahead of the server)'),
      state: 'BROKEN',
    });
  });
});

describe('database', () => {
  const refusing = (writeFault: DoctorFacts['database']['writeFault'], more = {}) =>
    judge('database', { database: theDatabase({ writeFault, ...more }) });

  it.each([
    ['read_only', '25006', 'refuses writes: it is read-only (25006', 'primary'],
    ['disk_full', '53100', 'refuses writes: its disk is full (53100', 'free space on the disk'],
    ['statement_timeout', '57014', 'takes too long to store a chunk', 'pg_stat_activity'],
    ['refused', '42501', 'permission denied (42501', 'grant the role'],
    ['refused', '42P01', 'lacks a table or a column (42P01', 'migrat'],
  ] as const)('L7 is judged by the last write: %s %s', (kind, code, finding, next) => {
    expect(refusing({ kind, code, message: 'as it says itself' })).toMatchObject({
      finding: expect.stringContaining(finding),
      state: 'BROKEN',
      next: expect.stringContaining(next),
    });
  });

  it('L7 names the lock that blocks ingest, its owner, its age, and the command that ends it', () => {
    const lock = {
      table: 'open_interest_latest',
      pid: 4_711,
      application: 'psql',
      since: NOW - 60_000,
      query: 'lock table open_interest_latest',
    };
    expect(refusing({ kind: 'lock_timeout', code: '55P03', message: 'canceled' }, { lock })).toMatchObject({
      finding: expect.stringContaining(
        'makes ingest wait for a lock on open_interest_latest held by pid 4711 ("psql", since 13:59:00Z, lock table',
      ),
      next: 'psql "$DATABASE_URL" -c "select pg_terminate_backend(4711)"',
    });
  });

  it('L7 shows who uses the connections when none is left', () => {
    const usage = {
      max: 100,
      reserved: 3,
      used: 97,
      by: [{ application: 'report', role: 'app', connections: 80 }],
    };
    const fault = {
      kind: 'too_many_connections',
      code: '53300',
      message: 'sorry, too many clients',
    } as const;
    expect(judge('database', { database: theDatabase({ pingMs: null, fault, usage }) })).toMatchObject({
      finding: expect.stringContaining('too many connections: 97 of 97 in use, most by report 80 (53300'),
      next: expect.stringContaining('DATABASE_POOL_MAX'),
    });
  });

  it('L7 is degraded while slow, and while many more wait for a connection than there are', () => {
    expect(judge('database', { database: theDatabase({ pingMs: 2_000 }) })).toMatchObject({
      state: 'DEGRADED',
    });
    const busyPool = { name: 'read', max: 2, waiting: 22 };
    expect(judge('database', { database: theDatabase({ busyPool }) })).toMatchObject({
      finding: expect.stringContaining('all 2 connections of the pool "read" are in use, 22 wait'),
      state: 'DEGRADED',
    });
  });
});

describe('this node', () => {
  it('L7 is late while its event loop is blocked', () => {
    expect(judge('node', { eventLoopMs: 2_000 }).state).toBe('ok');
    expect(judge('node', { eventLoopMs: 2_500 })).toMatchObject({
      finding: expect.stringContaining('event loop blocked for 2,500 ms'),
      state: 'LATE',
    });
    expect(firstOf({ eventLoopMs: 2_500, board: SILENT })).toBe('node');
  });

  it('L7 drains: chunks that it refuses are not blamed on their sender', () => {
    expect(judge('node', { isDraining: true })).toMatchObject({
      finding: expect.stringContaining('draining: it refuses chunks (503)'),
      state: 'DEGRADED',
      next: expect.stringContaining('another node'),
    });
    expect(firstOf({ isDraining: true, board: SILENT })).toBe('node');
  });
});

describe('reasons and remedies', () => {
  it('L7 quotes why items of accepted chunks are refused', () => {
    const ingest = theIngest({
      totals: { rejected: 120 },
      lastRejection: 'open_interest_invalid: must be a number of contracts from 0 to 1e15, or be left out',
    });
    expect(judge('ingest', { ingest })).toMatchObject({
      finding: expect.stringContaining('120 refused, last for open_interest_invalid: must be a number'),
      state: 'DEGRADED',
    });
  });

  it('L7 leaves a wrong collector clock to the clocks line', () => {
    const note = "the clock of this machine is 600.0 s ahead of the exchange's";
    const wrongClock = collectorWith(aPoller({ state: 'slow', note }));
    const clocks = {
      databaseAheadMs: 0,
      samplesAheadMs: null,
      collectors: [{ name: 'oi-poller', aheadMs: 600_000, exchangeAheadMs: -600_000 }],
    };
    expect(judge('collector', { collectors: wrongClock })).toMatchObject({ next: 'see clocks' });
    expect(firstOf({ collectors: wrongClock, clocks })).toBe('clocks');
  });

  it('M3 counts samples that wait for their time as a fault only while a clock is wrong', () => {
    const spool = { chunks: 84, bytes: 9_000, dropped: 0, waitingForTime: 148 };
    const collectors = [aCollector({ heartbeat: { spool } })];
    const clocksOff = (offMs: number) => ({
      databaseAheadMs: 0,
      samplesAheadMs: null,
      collectors: [{ name: 'oi-poller', aheadMs: 0, exchangeAheadMs: offMs }],
    });
    const waits = "84 chunks spooled, 148 samples wait because their time is ahead of the server's clock";
    expect(judge('collector', { collectors, clocks: clocksOff(600_000) })).toMatchObject({
      finding: expect.stringContaining(waits),
      state: 'DEGRADED',
      next: 'see clocks',
    });
    expect(judge('collector', { collectors, clocks: clocksOff(0) })).toMatchObject({
      finding: expect.stringContaining(waits),
      state: 'ok',
    });
  });

  it('L7 does not blame the exchange when a job cannot reach this server', () => {
    const text = '/api/market/open-interest/positioning/symbols: connect ECONNREFUSED 127.0.0.1:3001';
    const lastError = { at: NOW, status: null, code: 'ECONNREFUSED', text, count: 1 };
    const away = collectorWith({ name: 'positioning', state: 'slow', note: text, lastError });
    expect(judge('collector', { collectors: away }).next).toMatch(/check VOLSPIKE_API_URL of the collector/);
    const exchange = { ...lastError, text: '/fapi/v1/exchangeInfo: connect ECONNREFUSED 10.0.0.1:443' };
    const blocked = collectorWith({ name: 'liquid-universe', state: 'slow', lastError: exchange });
    expect(judge('collector', { collectors: blocked }).next).toMatch(/ask the exchange/);
  });

  it('L7 points to the full disk', () => {
    const note = '.funding_state.json cannot be written: ENOSPC: no space left on device, write';
    const full = collectorWith({ name: 'mark-prices', state: 'slow', note });
    expect(judge('collector', { collectors: full }).next).toContain('COLLECTOR_STATE_DIR');
  });
});

describe('alerts', () => {
  const rules = { enabled: 3, total: 3 };

  it('L7 names a change of method, with the command that confirms it, and blames no later stage for it', () => {
    const methodChange = {
      factor: 2,
      symbols: 120,
      ofSymbols: 343,
      detectedAt: NOW - 60_000,
      validFrom: NOW,
    };
    const alerts = theAlerts({ methodChange });
    expect(judge('alerts', { alerts })).toMatchObject({
      finding: expect.stringContaining('120 of 343 symbols moved by the factor 2'),
      state: 'DEGRADED',
      next: expect.stringContaining('/api/alert-rules/method-changes/confirm'),
    });
    expect(firstOf({ alerts, board: SILENT })).toBe('board');
  });

  it.each([
    ['no lease', { node: null, renewedAgo: null }, /^no node evaluates alert rules; 3 of 3/],
    [
      'a lease that ended',
      { renewedAgo: 20_000 },
      /^no node evaluates alert rules, the last one stopped 20s ago/,
    ],
    [
      'runs that fail',
      { failingAgo: 70_000, lastError: '42P01: no table' },
      /^evaluation has failed for 1m 10s: 42P01: no table/,
    ],
    [
      'rows left out',
      { leftOut: 12_345, leftOutAgo: 300_000 },
      /^12,345 rows were not evaluated .* 5m 00s ago/,
    ],
  ])('L7 is degraded by %s, and says what to do', (_, evaluator, finding) => {
    const alerts = theAlerts({ evaluator: { ...rules, ...evaluator } });
    expect(judge('alerts', { alerts })).toEqual({
      stage: 'alerts',
      finding: expect.stringMatching(finding),
      state: 'DEGRADED',
      next: expect.stringMatching(/\w/),
      first: true,
    });
    const idle = theAlerts({ evaluator: { ...evaluator, enabled: 0 } });
    expect(judge('alerts', { alerts: idle }).state).toBe('ok');
  });

  it('L7 waits for an evaluating node in the first seconds of a node', () => {
    const alerts = theAlerts({ evaluator: { ...rules, renewedAgo: 86_400_000 } });
    expect(judge('alerts', { alerts, startedAt: NOW - 5_000 }).state).toBe('WAITING');
  });

  it('L7 shows channels that fail, and is degraded when each of a kind fails for minutes', () => {
    const failing = {
      kind: 'telegram' as const,
      channels: 2,
      failing: 1,
      failingAgo: 900_000,
      lastError: 'ECONNREFUSED',
    };
    const outbox = { waiting: 41, oldestWaitingMs: 900_000 };
    const one = theAlerts({ outbox, failingKinds: [failing] });
    expect(judge('alerts', { alerts: one })).toMatchObject({
      finding: expect.stringMatching(
        /41 deliveries wait, the oldest for 15m; 1 of 2 telegram channels fail, longest for 15m: ECONNREFUSED$/,
      ),
      state: 'ok',
    });
    const all = theAlerts({ outbox, failingKinds: [{ ...failing, failing: 2 }] });
    expect(judge('alerts', { alerts: all })).toMatchObject({
      finding: expect.stringMatching(/^no telegram channel works, since 15m; /),
      state: 'DEGRADED',
      next: expect.stringContaining('TELEGRAM_API_URL'),
    });
  });

  it('L7 is degraded when deliveries are due and no node sends them', () => {
    expect(judge('alerts', { alerts: theAlerts({ unsentAgo: 301_000 }) })).toMatchObject({
      finding: expect.stringMatching(/^deliveries have been due for 5m 01s and no node sends them/),
      state: 'DEGRADED',
    });
    expect(judge('alerts', { alerts: theAlerts({ unsentAgo: 1_000 }) }).state).toBe('ok');
  });

  it('L7 says that they cannot be read, and blames no later stage for it', () => {
    const alerts = 'ECONNREFUSED: connect refused';
    expect(judge('alerts', { alerts })).toMatchObject({
      finding: 'cannot be read (ECONNREFUSED: connect refused)',
      state: 'DEGRADED',
      next: 'see database',
    });
    expect(firstOf({ alerts, board: SILENT })).toBe('board');
  });
});

describe('access', () => {
  const issuerFault = { since: NOW - 60_000, at: NOW, reason: 'ECONNREFUSED: connect refused' };

  it('L7 names an issuer whose keys cannot be fetched, and blames no later stage for it', () => {
    expect(judge('access', { issuerFault })).toMatchObject({
      finding: expect.stringMatching(/issuer's keys cannot be fetched since .*Z: ECONNREFUSED/),
      state: 'BROKEN',
      next: expect.stringContaining('AUTH_JWKS_URL'),
    });
    expect(firstOf({ issuerFault, board: SILENT })).toBe('board');
  });

  it('is silent while nothing is known, and about a failure ten minutes old', () => {
    const stages = (given: Partial<DoctorFacts>) => diagnose(theFacts(given)).stages.map((it) => it.stage);
    expect(stages({})).not.toContain('access');
    expect(stages({ issuerFault: { ...issuerFault, at: NOW - 600_001 } })).not.toContain('access');
  });
});

describe('clocks', () => {
  const theClocks = (given: Partial<DoctorFacts['clocks']>, collector: [number, number] | null) => ({
    databaseAheadMs: 0,
    samplesAheadMs: null,
    collectors:
      collector === null ? [] : [{ name: 'oi-poller', aheadMs: collector[0], exchangeAheadMs: collector[1] }],
    ...given,
  });
  const OFF = 600_000;

  it.each([
    [
      'this node behind',
      theClocks({ databaseAheadMs: OFF, samplesAheadMs: OFF }, [OFF, 0]),
      'this node is 10m behind',
    ],
    [
      'this node ahead',
      theClocks({ databaseAheadMs: -OFF, samplesAheadMs: -OFF }, [-OFF, 0]),
      'this node is 10m ahead',
    ],
    ['the poller', theClocks({}, [OFF, -OFF]), 'oi-poller is 10m ahead'],
    ['the exchange', theClocks({ samplesAheadMs: OFF }, [0, OFF]), 'the exchange is 10m ahead'],
    ['the database', theClocks({ databaseAheadMs: -OFF }, [0, 0]), 'the database is 10m behind'],
    [
      'samples, where no collector reports',
      theClocks({ samplesAheadMs: OFF }, null),
      'the sender of the samples is 10m ahead',
    ],
  ])('M3 names the clock that is off and by how much: %s', (_case, clocks, says) => {
    const judged = judge('clocks', { clocks });
    expect(judged.finding).toContain(`the clock of ${says}`);
    expect(judged.state).not.toBe('ok');
    expect(judged.next).toMatch(/timedatectl|fapi/);
  });

  it('M3 is the cause when samples are refused for it, and only a note otherwise', () => {
    expect(firstOf({ clocks: theClocks({ samplesAheadMs: OFF }, [0, OFF]), board: SILENT })).toBe('clocks');
    expect(firstOf({ clocks: theClocks({}, [OFF, -OFF]), board: SILENT })).toBe('board');
  });
});

describe('Redis', () => {
  it.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'Redis refuses the password'],
    ['NOAUTH Authentication required.', 'Redis refuses the password'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'Redis is out of memory'],
    ["READONLY You can't write against a read only replica.", 'Redis is a replica'],
    ['ERR max number of clients reached', 'Redis refuses new clients: maxclients is reached'],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'does not answer (connect ECONNREFUSED 127.0.0.1:6379)'],
  ])('C2 is judged by its answer to a command: %s', (fault, finding) => {
    expect(judge('redis', { redis: { configured: true, pingMs: null, fault } })).toMatchObject({
      finding: expect.stringContaining(finding),
      state: 'DEGRADED',
    });
  });
});

describe('a dead broadcast', () => {
  it('L7 is broken within ten seconds of a waiting change', () => {
    const waiting = (forMs: number) =>
      judge('broadcast', { broadcast: theBroadcast({ waitingSince: NOW - forMs }) }).state;
    expect([waiting(6_000), waiting(6_001)]).toEqual(['ok', 'BROKEN']);
  });
});
