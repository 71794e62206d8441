import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { anItem, symbolNames } from '../support/builders.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { postSweep } from '../support/liveBoard.ts';
import { openRedisClient, startRedisServer } from '../support/redis.ts';
import { OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withDatabase } from '../support/withServer.ts';

const OPERATOR = { 'X-API-Key': OPERATOR_KEY };
const MARKET = '/api/market/open-interest';
const symbols = symbolNames(20);

const database = withDatabase();
const running: TestServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((it) => it.close()));
  await database.pool.query(
    'truncate open_interest_snapshots, open_interest_latest, collector_heartbeats, open_interest_liquid_symbols',
  );
});

async function start(given: Partial<Parameters<typeof startTestServer>[0]> = {}): Promise<TestServer> {
  const server = await startTestServer({ databaseUrl: database.url, ...given });
  running.push(server);
  return server;
}

async function postUniverse(server: TestServer): Promise<void> {
  const body = { symbols: symbols.map((symbol) => ({ symbol, quoteVolume24h: 5_000_000 })), force: true };
  expect((await server.post(`${MARKET}/liquid-universe/update`, body)).status).toBe(200);
}

async function beat(server: TestServer, headers?: Record<string, string>): Promise<number> {
  const body = {
    collector: 'oi-poller',
    everySec: 10,
    sentAt: Date.now(),
    jobs: [{ name: 'poller', state: 'up' }],
  };
  return (await server.post('/api/collectors/heartbeat', body, headers)).status;
}

async function doctor(server: TestServer): Promise<string> {
  return (await server.get('/debug/doctor', OPERATOR)).text();
}

async function lineOf(server: TestServer, stage: string): Promise<string> {
  return (await doctor(server)).split('\n').find((it) => it.startsWith(`${stage} `)) ?? '';
}

describe('an idle node beside one that ingests', () => {
  it('L7 is healthy without a chunk and without Redis', async () => {
    const [posted, other] = [await start(), await start()];
    await postUniverse(posted);
    await beat(posted);
    await postSweep(posted, symbols, Date.now(), 100);
    const text = await waitFor(
      'the other node to be healthy',
      async () => {
        await beat(posted);
        // Not twice as much: that would be a change of the source's unit.
        await postSweep(posted, symbols, Date.now(), 101);
        const report = await doctor(other);
        return (
          report
            .trimEnd()
            .split('\n')
            .every((line) => line.endsWith(' ok')) && report
        );
      },
      { everyMs: 500 },
    );
    expect(text).toMatch(/^ingest +no chunk here, another node stored one <?\d+s ago +ok$/m);
    expect(text).toMatch(/^clocks +this node, the database and oi-poller agree to \d\.\ds +ok$/m);
  });

  it('M1 reads the universe once after an update, which only the receiving node reports', async () => {
    const redis = await startRedisServer();
    const listener = openRedisClient(redis.url);
    try {
      const [a] = [await start({ redisUrl: redis.url }), await start({ redisUrl: redis.url })];
      const reports: string[] = [];
      listener.on('message', (_channel, raw) => reports.push(raw));
      await listener.subscribe('oi:bus:universe');
      await postUniverse(a);
      await waitFor('the report', () => reports.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(reports).toHaveLength(1);
    } finally {
      listener.disconnect();
      await redis.stop();
    }
  });
});

describe('a collector', () => {
  it('L7 whose key is refused is reported as running', async () => {
    const clock = createJumpClock();
    const server = await start({ clock });
    await postUniverse(server);
    await beat(server);
    await postSweep(server, symbols, clock.now(), 1);
    expect(await lineOf(server, 'collector')).toMatch(/ ok$/);
    clock.jump(65 * SECOND_MS);
    for (let i = 0; i < 3; i += 1) expect(await beat(server, { 'X-API-Key': 'wrong' })).toBe(401);
    const line = await waitFor('the refusals', async () => {
      const report = await lineOf(server, 'collector');
      return report.includes('3 posts') && report;
    });
    expect(line).toMatch(
      /oi-poller beat 1m \d\ds ago, .*it is running, but its key is refused: 3 posts in 60s got 401 key_unknown from \S+ since [^Z]+Z +BROKEN {2}first to look at: configure a key of INGEST_API_KEYS/,
    );
  });

  it('is removed on request, and returns while it still runs', async () => {
    const server = await start();
    await beat(server);
    const remove = async (name: string) => {
      const answer = await fetch(`${server.url}/api/collectors/${name}`, {
        method: 'DELETE',
        headers: OPERATOR,
      });
      return (await answer.json()) as unknown;
    };
    expect(await remove('oi-poller')).toEqual({ removed: true });
    expect(await remove('oi-poller')).toEqual({ removed: false });
    expect(await lineOf(server, 'collector')).toContain('no heartbeat');
    await beat(server);
    expect(await lineOf(server, 'collector')).toMatch(/oi-poller beat <?\ds ago/);
  });

  it('is removed after a day of silence beside one that is up, and kept while it is the only one', async () => {
    const server = await start();
    await beat(server);
    await database.pool.query("update collector_heartbeats set received_at = now() - interval '25 hours'");
    const other = await start();
    expect(await lineOf(other, 'collector')).toMatch(/oi-poller beat 25h 00m ago/);
    const body = { collector: 'successor', everySec: 10, jobs: [] };
    expect((await other.post('/api/collectors/heartbeat', body)).status).toBe(200);
    const text = await doctor(other);
    expect(text).toMatch(/successor beat <?\ds ago/);
    expect(text).not.toContain('oi-poller');
  });
});

describe('ingest', () => {
  it('L4 counts the posts over the rate limit, with the limit', async () => {
    const server = await start({ env: { INGEST_RATE_LIMIT_PER_MIN: '3' } });
    for (let i = 0; i < 6; i += 1) await server.post(`${MARKET}/ingest`, { data: [anItem('AUSDT')] });
    const line = await waitFor('the refusals', async () => {
      const report = await lineOf(server, 'ingest');
      return report.includes('429') && report;
    });
    expect(line).toMatch(
      /3 posts in 60s got 429 \(limit 3 a minute\) from \S+ with key [0-9a-f]{12} since [^Z]+Z +DEGRADED .*INGEST_RATE_LIMIT_PER_MIN/,
    );
  });

  it('L4 keeps the reason of a chunk with only refused items', async () => {
    const server = await start();
    const timestamp = Date.now() + 10 * MINUTE_MS;
    const chunk = { timestamp, source: 'realtime', data: [anItem('AUSDT'), anItem('BUSDT')] };
    expect((await server.post(`${MARKET}/ingest`, chunk)).status).toBe(400);
    const { ingest } = (await (await server.get(`${MARKET}/debug`, OPERATOR)).json()) as {
      ingest: { received: number; rejected: number; reason: string; refusals: { code: string }[] }[];
    };
    expect(ingest[0]).toMatchObject({
      received: 2,
      rejected: 2,
      reason: 'no_valid_items',
      refusals: [{ code: 'ts_in_future' }, { code: 'ts_in_future' }],
    });
    const metrics = await (await server.get('/metrics', OPERATOR)).text();
    expect(metrics).toMatch(/ingest_refusals_total\{code="ts_in_future"\} 2/);
    const text = await doctor(server);
    expect(text).toMatch(/^ingest .*400 no_valid_items \(ts_in_future: lies \d+ s ahead of the server/m);
    expect(text).toMatch(
      /^clocks .*the clock of the sender of the samples is (10m|9m 5\ds) ahead.*BROKEN {2}first/m,
    );
  });
});

describe('a silent symbol', () => {
  it('L7 is traced to its reason: the clock of the node, not times that do not move', async () => {
    const clock = createJumpClock(Date.now() + 10 * MINUTE_MS);
    const server = await start({ clock });
    await postUniverse(server);
    await postSweep(server, symbols, Date.now(), 1);
    clock.jump(90 * SECOND_MS);
    await postSweep(server, symbols, Date.now() + 1_000, 2);
    const trace = await (await server.get(`/debug/trace/${symbols[0]}`, OPERATOR)).text();
    expect(trace).toMatch(/Not live since [^Z]+Z: posted, with times 11m behind this node's clock\./);
    expect(await lineOf(server, 'clocks')).toMatch(/the clock of this node is 11m ahead/);
  });

  it('is not reported as broadcast in shadow mode', async () => {
    const server = await start({ env: { OPEN_INTEREST_REALTIME_ENABLED: 'false' } });
    await postSweep(server, symbols, Date.now(), 1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const trace = await (await server.get(`/debug/trace/${symbols[0]}`, OPERATOR)).text();
    expect(trace).toContain('broadcast off (shadow mode)');
    expect(trace).not.toContain('in seq');
  });
});

describe('a database that answers and refuses writes', () => {
  async function untilSaid(server: TestServer, pattern: RegExp): Promise<string> {
    return waitFor(
      String(pattern),
      async () => {
        await server.post(`${MARKET}/ingest`, { data: [anItem('AUSDT')], source: 'realtime' });
        const line = await lineOf(server, 'database');
        return pattern.test(line) ? line : undefined;
      },
      { everyMs: 200 },
    );
  }

  it('L7 is reported as read-only, and is ok with the first accepted chunk', async () => {
    const server = await start();
    const name = new URL(database.url).pathname.slice(1);
    const others = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = '${name}' and pid <> pg_backend_pid() and application_name like 'open-interest%'`;
    await untilSaid(server, / ok$/);
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    try {
      await admin.query(`alter database "${name}" set default_transaction_read_only = on`);
      await admin.query(others);
      const line = await untilSaid(server, /refuses writes: it is read-only \(25006/);
      expect(line).toMatch(/BROKEN {2}first to look at: point DATABASE_URL at the primary/);
    } finally {
      await admin.query('set default_transaction_read_only = off');
      await admin.query(`alter database "${name}" reset default_transaction_read_only`);
      await admin.query(others);
      await admin.end();
    }
    await untilSaid(server, / ok$/);
  });

  it('L7 is reported as blocking ingest with a lock, with the session that has it', async () => {
    const server = await start();
    await untilSaid(server, / ok$/);
    const session = new pg.Client({ connectionString: database.url, application_name: 'report' });
    await session.connect();
    try {
      await session.query('begin');
      await session.query('lock table open_interest_snapshots in access exclusive mode');
      const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      const line = await untilSaid(server, /wait for a lock/);
      expect(line).toMatch(
        new RegExp(
          `lock on open_interest_snapshots(?:_[0-9_]+)? held by pid ${rows[0]!.pid} \\("report", since .*` +
            `BROKEN {2}first to look at: psql .*pg_terminate_backend\\(${rows[0]!.pid}\\)`,
        ),
      );
    } finally {
      await session.end();
    }
    await untilSaid(server, / ok$/);
  });
});

describe('a Redis with another password', () => {
  it('C2 is reported with the refused password, and recovers', async () => {
    const redis = await startRedisServer();
    const admin = openRedisClient(redis.url);
    try {
      await admin.config('SET', 'requirepass', 'the right one');
      const servers = [
        await start({ redisUrl: redis.url }),
        await start({ redisUrl: redis.url.replace('redis://', 'redis://:wrong@') }),
      ];
      for (const server of servers) {
        await waitFor('the complaint', async () =>
          /redis +Redis refuses the password; .*DEGRADED .*REDIS_URL/.test(await lineOf(server, 'redis')),
        );
      }
      await admin.config('SET', 'requirepass', '');
      await waitFor('Redis to be well', async () => / ok$/.test(await lineOf(servers[0]!, 'redis')));
    } finally {
      admin.disconnect();
      await redis.stop();
    }
  });
});
