import { afterEach, describe, expect, it } from '@jest/globals';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import { compactDays } from '../../src/openInterest/history/compaction.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { HistoryBody } from '../../src/openInterest/history/history.types.ts';
import { makeDays } from '../../src/openInterest/history/partitions.ts';
import { readSamplesAt, streamSamples } from '../../src/openInterest/history/tiers.ts';
import { anItem } from '../support/builders.ts';
import { createFakeClock } from '../support/fakeClock.ts';
import { aDay, clearHistory, storeSamples } from '../support/historySamples.ts';
import { bearer, getJson, postChunk, readRefusal } from '../support/openInterestCalls.ts';
import { INGEST_KEY, OPERATOR_KEY, startTestServer } from '../support/testServer.ts';
import { withEach } from '../support/withOpened.ts';
import { withDatabase } from '../support/withServer.ts';

const BASE = '/api/market/open-interest';
const TODAY = startOf(dayOf(Date.now()));
const NOW = TODAY + 13 * HOUR_MS + 7 * MINUTE_MS;
/** Days of which history is made: two that are compacted, a silence, and one that stays. */
const [FIRST, SECOND, YOUNG] = [TODAY - 12 * DAY_MS, TODAY - 11 * DAY_MS, TODAY - 2 * DAY_MS];

const database = withDatabase();
const server = withEach(
  () => startTestServer({ databaseUrl: database.url, clock: createFakeClock(NOW) }),
  'close',
);
afterEach(() => clearHistory(database));

async function storeEverything(): Promise<void> {
  for (const day of [FIRST, SECOND, YOUNG]) {
    await storeSamples(database, aDay(['BTCUSDT', 'ETHUSDT'], day));
  }
  // Sources that share hours and moments with others, and one that fills the silence.
  await storeSamples(database, aDay(['BTCUSDT'], SECOND, { source: 'snapshot', openInterest: 90_000 }));
  await storeSamples(
    database,
    aDay(['BTCUSDT'], SECOND + DAY_MS, { source: 'backfill', fundingRate: 0.0001 }),
  );
}

const compact = () =>
  compactDays({ db: database.db, signal: new AbortController().signal }, TODAY - 3 * DAY_MS);

const readHistory = async (query: string) =>
  HistoryBody.parse(
    await getJson(server, `${BASE}/history?symbol=BTCUSDT&${query}`, await bearer(server, 'pro')),
  );
const readSamples = (query: string) =>
  getJson(server, `${BASE}/samples?symbol=BTCUSDT${query}`, { 'X-API-Key': OPERATOR_KEY });
const readSnapshot = (ts: number, maxAgeSec = 900) =>
  getJson(server, `${BASE}/snapshot?symbol=BTCUSDT&ts=${ts}&maxAgeSec=${maxAgeSec}`, {
    'X-API-Key': INGEST_KEY,
  });

/** Every kind of history query over hot, cold and mixed days, edges and gaps. */
async function askEverything(): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  const note = async (name: string, answer: Promise<unknown>): Promise<void> => {
    answers[name] = await answer;
  };
  for (const range of ['30d', '1y', 'all', '7d', '24h']) await note(range, readHistory(`range=${range}`));
  for (const interval of ['15m', '30m', '1h', '4h', '1d']) {
    await note(
      `12 days at ${interval}`,
      readHistory(`from=${FIRST + 5 * MINUTE_MS}&to=${NOW}&interval=${interval}`),
    );
  }
  await note('a day at 1m', readHistory(`from=${SECOND}&to=${SECOND + DAY_MS}&interval=1m`));
  await note(
    'an hour at 10s',
    readHistory(`from=${SECOND + HOUR_MS}&to=${SECOND + 2 * HOUR_MS}&interval=10s`),
  );
  for (const query of [
    '',
    '&limit=500',
    '&source=realtime&limit=500',
    '&source=backfill',
    `&limit=500&before=${YOUNG + HOUR_MS}`,
    `&limit=7&before=${SECOND + 30 * MINUTE_MS}`,
    `&limit=9&before=${new Date(SECOND + 30 * MINUTE_MS).toISOString()},realtime`,
    `&before=${FIRST}`,
  ]) {
    await note(`samples ${query}`, readSamples(query));
  }
  for (const ts of [FIRST - 1, FIRST, FIRST + HOUR_MS - 1, SECOND + 3 * HOUR_MS, SECOND + 2 * DAY_MS, NOW]) {
    await note(`snapshot ${ts}`, readSnapshot(ts));
    await note(`snapshot ${ts} of a month`, readSnapshot(ts, 2_592_000));
  }
  await note(
    'board at a mark',
    readSamplesAt(database.db, {
      symbols: ['BTCUSDT', 'ETHUSDT', 'NONEUSDT'],
      at: SECOND + 5 * HOUR_MS,
      notBefore: SECOND,
    }).then((samples) => samples.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))),
  );
  return answers;
}

describe('both tiers', () => {
  it('answer every query after compaction as the rows did before', async () => {
    await storeEverything();
    const before = await askEverything();
    const report = await compact();
    expect(report.days.map((it) => it.dropped)).toEqual([true, true, true]);
    const after = await askEverything();
    for (const [name, answer] of Object.entries(before)) expect([name, after[name]]).toEqual([name, answer]);
  });

  it('answer the same while a day is half compacted, and when compacted samples are sent again', async () => {
    await storeEverything();
    const before = await askEverything();
    const stopping = new AbortController();
    await compactDays(
      { db: database.db, signal: stopping.signal, onMoved: () => stopping.abort() },
      TODAY - 3 * DAY_MS,
    );
    expect(await askEverything()).toEqual(before);
    await compact();
    await storeSamples(
      database,
      aDay(['BTCUSDT'], FIRST, { openInterest: 1, openInterestUsd: 1 }).slice(0, 9),
    );
    const questions = Object.entries(await askEverything()).filter(([name]) => /samples|snapshot/.test(name));
    for (const [name, answer] of questions) expect([name, answer]).toEqual([name, before[name]]);
  });

  it('are streamed a few hours at a time, oldest first, each sample once', async () => {
    await storeEverything();
    await compact();
    const range = { symbol: 'ETHUSDT', from: FIRST + HOUR_MS, to: NOW };
    const parts: number[][] = [];
    for await (const samples of streamSamples(database.db, range)) parts.push(samples.map((it) => it.ts));
    expect(Math.max(...parts.map((it) => it.length))).toBe(36);
    expect(parts.flat()).toEqual(parts.flat().toSorted((a, b) => a - b));
    expect(new Set(parts.flat()).size).toBe(426);
  });

  it('C4 show the silence between them as a gap', async () => {
    await storeEverything();
    await compact();
    const { gaps, t, samples, oiOpen } = await readHistory('range=30d');
    expect(gaps).toContainEqual([(SECOND + 2 * DAY_MS - 600_000) / 1_000, YOUNG / 1_000]);
    expect(t).toHaveLength(24 * 4);
    expect([samples[0], samples[24]]).toEqual([6, 12]);
    expect(oiOpen[0]).toBe(90_761.482);
  });

  it('are read within the lock limit of a database with ten years of partitions', async () => {
    const days = Array.from({ length: 400 }, (_, i) => TODAY - i * DAY_MS);
    for (let i = 0; i < days.length; i += 30) await makeDays(database.db, days.slice(i, i + 30));
    await storeSamples(database, aDay(['BTCUSDT'], days.at(-1)!).slice(0, 1));
    const token = await bearer(server, 'pro');
    const statuses = await Promise.all(
      Array.from({ length: 4 }, async (_, i) => {
        const headers = i % 2 === 0 ? token : { 'X-API-Key': OPERATOR_KEY };
        const path = i % 2 === 0 ? '/history?range=all&symbol=BTCUSDT' : '/samples?symbol=BTCUSDT';
        return (await server.get(BASE + path, headers)).status;
      }),
    );
    expect(statuses).toEqual([200, 200, 200, 200]);
  });
});

describe('GET /api/market/open-interest/history', () => {
  it.each([
    ['', 'range'],
    ['&range=24h&from=2026-01-01', 'range'],
    ['&from=2026-01-02&to=2026-01-01', 'to'],
    ['&range=24h&interval=3m', 'interval'],
    ['&range=2y', 'range'],
  ])('X1 answers 400 to %j and names the field', async (query, field) => {
    const refusal = await readRefusal(
      await server.get(`${BASE}/history?symbol=BTCUSDT${query}`, await bearer(server, 'pro')),
    );
    expect([refusal.status, refusal.details[0]?.path]).toEqual([400, `?${field}`]);
  });

  it('X1 answers 400 to more buckets than the limit, with the remedy', async () => {
    const response = await server.get(
      `${BASE}/history?symbol=BTCUSDT&range=30d&interval=1m`,
      await bearer(server, 'pro'),
    );
    expect(await readRefusal(response)).toMatchObject({ status: 400, code: 'too_many_buckets' });
  });

  it('answers "all" for a symbol without a sample', async () => {
    expect(await readHistory('range=all')).toMatchObject({ range: 'all', t: [] });
  });

  it('starts "all" with the first sample, in either tier', async () => {
    await postChunk(server, { data: [anItem('BTCUSDT', { ts: NOW - 2 * DAY_MS })], source: 'backfill' });
    expect((await readHistory('range=all')).t).toHaveLength(1);
    await storeSamples(database, aDay(['BTCUSDT'], TODAY - 399 * DAY_MS).slice(0, 1));
    await compact();
    const { t, bucketSec } = await readHistory('range=all');
    expect(t).toHaveLength(2);
    expect(bucketSec).toBe(12 * 3_600);
  });
});
