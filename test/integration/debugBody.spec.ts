import { afterEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { compactDays } from '../../src/openInterest/history/compaction.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { DebugBody } from '../../src/openInterest/operator/debug/debug.types.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { startFaultProxy } from '../support/faultProxy.ts';
import { aDay, storeSamples } from '../support/historySamples.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { bearer, postChunk } from '../support/openInterestCalls.ts';
import { openSocket } from '../support/sockets.ts';
import { INGEST_KEY, OPERATOR_KEY, startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withFreshServer } from '../support/withServer.ts';

const PATH = '/api/market/open-interest/debug';
const ALL = symbolNames(343);
const CHUNKS = [ALL.slice(0, 100), ALL.slice(100, 200), ALL.slice(200, 300), ALL.slice(300)];

const { database, server, clock } = withFreshServer({ newClock: () => createJumpClock() });
afterEach(() => Promise.all(others.splice(0).map((it) => it.close())));
const others: TestServer[] = [];

/** Another node on the same database, or on another way to it. */
async function startAnother(databaseUrl = database.url): Promise<TestServer> {
  const another = await startTestServer({ databaseUrl, clock });
  others.push(another);
  return another;
}

async function readDebug(from: TestServer = server): Promise<DebugBody> {
  const response = await from.get(PATH, { 'X-API-Key': OPERATOR_KEY });
  return DebugBody.parse(await response.json());
}

/** Polls until the body satisfies the condition: windows, heartbeats and outage checks are not immediate. */
function readDebugUntil(what: string, holds: (body: DebugBody) => boolean): Promise<DebugBody> {
  return waitFor(what, async () => {
    const body = await readDebug();
    return holds(body) ? body : undefined;
  });
}

async function postUniverse(
  symbols: readonly string[],
  volumeOf: (index: number) => number = () => 9_000_000,
): Promise<void> {
  const response = await server.post('/api/market/open-interest/liquid-universe/update', {
    symbols: symbols.map((symbol, i) => ({ symbol, quoteVolume24h: volumeOf(i) })),
    force: true,
  });
  expect(response.status).toBe(200);
}

async function sweep(chunks: readonly (readonly string[])[] = CHUNKS): Promise<void> {
  for (const symbols of chunks) await postChunk(server, aChunk(symbols, { ts: clock.now() }));
}

const findingOf = (body: DebugBody, stage: string) => body.stages.find((it) => it.stage === stage)!.finding;
const counts = (body: DebugBody) => body.pipeline.map((step) => step.count);

describe('GET /api/market/open-interest/debug', () => {
  it('counts all 343 symbols at every stage after a sweep in four chunks', async () => {
    const watcher = openSocket(server.url, { token: await server.token('pro') });
    await watcher.hello();
    await postUniverse(ALL);
    await sweep();
    const body = await readDebugUntil('the window', (it) => it.pipeline[5]!.count === 343);
    expect(counts(body)).toEqual([343, 343, 343, 343, 343, 343, 1]);
    expect(body.pipeline.every((step) => step.missing === 0)).toBe(true);
    expect(body.rates.last5Min).toEqual({ requests: 4, errors: 0, rejectedItems: 0 });
    expect(body.rates.samplesPerSec).toBeCloseTo(343 / 60);
    expect(body.rates.lastBatch).toMatchObject({ source: 'realtime', accepted: 43, received: 43 });
    expect(body.ingest.map((it) => it.received)).toEqual([43, 100, 100, 100]);
    expect(body.universe.members.every((it) => it.state === 'live' && it.missingAt === null)).toBe(true);
    watcher.close();
  });

  it('measures the delay of chunks to their window', async () => {
    await postUniverse(ALL);
    expect((await readDebug()).rates.postToBroadcastMs).toBeNull();
    await sweep();
    const { rates } = await readDebugUntil('four chunks', (it) => it.rates.postToBroadcastMs?.chunks === 4);
    // Windows of the test server close after 50 to 200 ms.
    expect(rates.postToBroadcastMs!.p50).toBeGreaterThan(20);
    expect(rates.postToBroadcastMs!.p95).toBeLessThan(5_000);
  });

  it('names the stage that lost 300 of 343 symbols, since when, and which', async () => {
    await postUniverse(ALL);
    await sweep();
    await readDebugUntil('the window', (it) => it.pipeline[5]!.count === 343);
    const lostAt = clock.now();
    clock.jump(2 * MINUTE_MS);
    await sweep([CHUNKS[3]!]);
    const body = await readDebugUntil('the loss', (it) => it.pipeline[5]!.count === 43);
    const posted = body.pipeline.find((step) => step.missing > 0)!;
    expect(posted).toMatchObject({ stage: 'polled', count: 43, missing: 300, how: 'inferred' });
    expect(Math.abs(posted.since! - lostAt)).toBeLessThan(10 * SECOND_MS);
    expect(body.universe.members.filter((it) => it.missingAt === 'posted')).toHaveLength(300);
  });

  it('counts what it read at its start as posted, so that a restart does not look like a loss', async () => {
    await postUniverse(ALL);
    await sweep();
    const restarted = await startAnother();
    const body = await readDebug(restarted);
    expect(counts(body).slice(0, 6)).toEqual([343, 343, 343, 343, 343, 343]);
    clock.jump(MINUTE_MS);
    const later = await readDebug(restarted);
    expect(later.pipeline[2]).toMatchObject({ stage: 'posted', count: 0 });
    expect(later.pipeline[1]!.since).toBeGreaterThan(clock.now() - 2 * MINUTE_MS);
  });

  it('records the time in which 300 symbols were silent, with the reason, until they return', async () => {
    await postUniverse(ALL);
    await sweep();
    clock.jump(2 * MINUTE_MS);
    await sweep([CHUNKS[3]!]);
    clock.jump(6 * SECOND_MS);
    const { gaps } = await readDebugUntil('the gap', (it) => it.gaps.length > 0);
    expect(gaps).toMatchObject([
      { to: null, symbols: 300, silent: 300, why: 'not in the chunks that arrived' },
    ]);
    await sweep();
    clock.jump(6 * SECOND_MS);
    const closed = await readDebugUntil('the end', (it) => it.gaps[0]!.to !== null);
    expect(closed.gaps).toMatchObject([{ symbols: 300, silent: 0 }]);
    expect(closed.gaps[0]!.to! - closed.gaps[0]!.from).toBeGreaterThan(2 * MINUTE_MS);
  });

  it('counts a symbol with refused items as posted and not as accepted', async () => {
    await postUniverse(['AUSDT', 'BUSDT']);
    const chunk = aChunk(['AUSDT', 'BUSDT'], { ts: clock.now() });
    chunk.data[1]!['openInterest'] = -1;
    await postChunk(server, chunk);
    const body = await readDebugUntil('the window', (it) => it.pipeline[5]!.count === 1);
    expect(counts(body).slice(0, 6)).toEqual([2, 2, 2, 1, 1, 1]);
    expect(body.universe.members.find((it) => it.symbol === 'BUSDT')).toMatchObject({
      state: 'unsampled',
      missingAt: 'accepted',
    });
    expect(body.ingest[0]).toMatchObject({
      rejected: 1,
      reason: 'open_interest_invalid',
      refusals: [{ index: 1, symbol: 'BUSDT', code: 'open_interest_invalid' }],
    });
    expect(body.rates.last5Min.rejectedItems).toBe(1);
  });

  it('shows requests refused before ingest, without displacing chunks', async () => {
    await postUniverse(['AUSDT']);
    await postChunk(server, aChunk(['AUSDT'], { ts: clock.now() }));
    const path = '/api/market/open-interest/ingest';
    for (let i = 0; i < 30; i += 1) await server.post(path, {}, { 'X-API-Key': 'not-a-key' });
    await server.post(path, '{"data": [', { 'X-API-Key': INGEST_KEY });
    const body = await readDebugUntil('the refusals', (it) => it.rates.last5Min.errors === 31);
    expect(body.rates.last5Min.requests).toBe(32);
    expect(body.ingest[0]).toMatchObject({
      status: 400,
      reason: 'malformed_body',
      received: 0,
      keyId: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    expect(body.ingest[1]).toMatchObject({ status: 401 });
    expect(body.ingest).toHaveLength(21);
    expect(body.ingest.at(-1)).toMatchObject({ status: 200, received: 1 });
    expect(body.stages.find((it) => it.stage === 'ingest')).toMatchObject({
      state: 'DEGRADED',
      finding: expect.stringMatching(
        /1 post in 60s got 400 malformed_body.*30 posts in 60s got 401 key_unknown/,
      ),
    });
  });

  it('counts a chunk refused by ingest once', async () => {
    await server.post('/api/market/open-interest/ingest', { data: [{ symbol: 'AUSDT', openInterest: -1 }] });
    const { ingest, rates } = await readDebug();
    expect(ingest).toMatchObject([{ status: 400, reason: 'no_valid_items' }]);
    expect(ingest[0]?.keyId).not.toBe('');
    expect(rates.last5Min).toMatchObject({ requests: 1, errors: 1 });
  });

  it('lists collectors by their beats, from all nodes, with the missed ones', async () => {
    const other = await startAnother();
    const beat = (weight: number) => ({
      collector: 'oi-collector',
      everySec: 30,
      jobs: [{ name: 'poller', state: 'up', ok: 342, failed: 1, note: '1 timeout' }],
      weight: { used: weight, limit: 2_400, budget: 2_000 },
    });
    await other.post('/api/collectors/heartbeat', beat(1_020));
    const first = await readDebug();
    expect(first.collectors?.[0]).toMatchObject({
      name: 'oi-collector',
      state: 'up',
      weightUsed: 1_020,
      cells: [{ outcome: 'ok' }],
      jobs: [{ name: 'poller', cells: [{ outcome: 'ok', ok: 342, failed: 1, note: '1 timeout' }] }],
    });
    expect(first.weight).toMatchObject({
      used: 1_020,
      budget: 2_000,
      limit: 2_400,
      reportedBy: 'oi-collector',
    });
    clock.jump(100 * SECOND_MS);
    const silent = await readDebug();
    expect(silent.collectors?.[0]).toMatchObject({ state: 'slow' });
    expect(silent.collectors?.[0]?.cells.map((it) => it.outcome)).toEqual(['ok', 'missed', 'missed']);
  });

  it('shows "not reported" without a report, and infers the rest', async () => {
    await postUniverse(ALL);
    await sweep();
    const body = await readDebug();
    expect(body.weight).toBeNull();
    expect(body.collectors).toMatchObject([
      { name: 'poller', state: 'up', inferred: true },
      { name: 'universe job', state: 'up', inferred: true },
    ]);
    expect(body.pipeline[1]).toMatchObject({ stage: 'polled', how: 'inferred' });
  });

  it('marks members near the exit threshold and counts those that entered and left', async () => {
    await postUniverse(['AUSDT', 'BUSDT', 'CUSDT'], (i) => [9_000_000, 2_399_999, 2_400_000][i]!);
    await postUniverse(['AUSDT', 'BUSDT'], (i) => [9_000_000, 2_399_999][i]!);
    const { universe } = await readDebug();
    expect(universe.members.filter((it) => it.nearExit).map((it) => it.symbol)).toEqual(['BUSDT']);
    expect(universe.thresholds).toEqual({ enter: 4_000_000, exit: 2_000_000 });
    expect(universe.last24h).toEqual({ entered: 3, left: 1 });
    expect(universe.journal?.[0]).toMatchObject({ symbol: 'CUSDT', event: 'left' });
  });

  it('counts messages to sockets and requests from them', async () => {
    const watcher = openSocket(server.url, { token: await server.token('pro') });
    await watcher.hello();
    await watcher.sync(null);
    await watcher.sync(null);
    const refused = openSocket(server.url, { token: 'not-a-token' });
    await waitFor('the refusal', () => refused.refusals.length > 0);
    const { sockets } = await readDebug();
    expect(sockets).toMatchObject({
      clients: { realtime: 1, snapshot: 0, snapshotAll: 0 },
      syncs: 2,
      syncsLast5Min: 2,
      refused: 1,
      slowDropped: 0,
      floodDropped: 0,
    });
    expect(sockets.messagesPerSec).toBeGreaterThan(0);
    expect(sockets.bytesPerSec).toBeGreaterThan(0);
    watcher.close();
    refused.close();
  });

  it('contains no key, no token and no body', async () => {
    const token = await server.token('pro');
    await server.post('/api/market/open-interest/ingest', {
      data: [{ symbol: 'A', openInterest: 'leaked' }],
    });
    await server.get(PATH, { Authorization: `Bearer ${token}` });
    const response = await server.get(PATH, { 'X-API-Key': OPERATOR_KEY });
    const text = await response.text();
    for (const secret of [INGEST_KEY, OPERATOR_KEY, token, 'leaked']) expect(text).not.toContain(secret);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('shows what both tiers of history hold', async () => {
    const old = aDay(['BTCUSDT'], startOf(dayOf(clock.now())) - 10 * DAY_MS);
    await storeSamples(database, old);
    expect((await readDebug()).history).toMatchObject({ hot: { backlogDays: 1 }, cold: { days: 0 } });
    await compactDays({ db: database.db, signal: new AbortController().signal }, clock.now() - 3 * DAY_MS);
    const { history } = await readDebug();
    expect(history).toMatchObject({
      hot: { backlogDays: 0 },
      cold: { days: 1, samples: 144, blocks: 24, oldest: dayOf(old[0]!.ts), newest: dayOf(old[0]!.ts) },
    });
    expect(history!.cold.compactedAt).not.toBeNull();
    await sweep();
    const stored = await readDebugUntil('a row', (it) => /moved/.test(findingOf(it, 'stored')));
    expect(findingOf(stored, 'stored')).toMatch(
      /; cold 1 day, .* B a sample; compacted .* ago, 0 days to compact$/,
    );
  });

  it('answers without a database, and marks what is unknown', async () => {
    const postgres = new URL(database.url);
    const proxy = await startFaultProxy(Number(postgres.port));
    postgres.port = String(proxy.port);
    postgres.hostname = '127.0.0.1';
    const cutOff = await startAnother(postgres.href);
    await cutOff.post('/api/market/open-interest/liquid-universe/update', {
      symbols: [{ symbol: 'AUSDT', quoteVolume24h: 9_000_000 }],
    });
    await postChunk(cutOff, aChunk(['AUSDT'], { ts: clock.now() }));
    proxy.set({ mode: 'refuse' });
    const body = await readDebug(cutOff);
    expect(body.server.database.pingMs).toBeNull();
    expect(body).toMatchObject({
      collectors: null,
      weight: null,
      alerts: null,
      history: null,
      health: { word: 'broken' },
    });
    expect(body.universe).toMatchObject({ total: 1, last24h: null, journal: null });
    expect(counts(body).slice(0, 5)).toEqual([1, 1, 1, 1, null]);
    // Before the proxy: it waits for the connections that are open.
    await others.pop()?.close();
    await proxy.close();
  });

  it('answers operators only', async () => {
    const statusOf = async (headers: Record<string, string>) => (await server.get(PATH, headers)).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf(await bearer(server, 'elite'))).toBe(403);
    expect(await statusOf({ 'X-API-Key': INGEST_KEY })).toBe(403);
    expect(await statusOf(await bearer(server, 'free', { role: 'admin' }))).toBe(200);
    expect(await statusOf({ 'X-API-Key': OPERATOR_KEY })).toBe(200);
  });
});
