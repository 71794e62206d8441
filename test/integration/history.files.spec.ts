import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parquetReadObjects } from 'hyparquet';
import { DAY_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import { compactDays } from '../../src/openInterest/history/compaction.ts';
import { dayOf, startOf } from '../../src/openInterest/history/days.ts';
import { compareMoments } from '../../src/openInterest/board/merge.ts';
import type { Sample } from '../../src/openInterest/openInterest.types.ts';
import { auditHistory } from '../support/historyAudit.ts';
import { aDay, clearHistory, storeSamples } from '../support/historySamples.ts';
import { bearer, readRefusal } from '../support/openInterestCalls.ts';
import { runProgram } from '../support/runProgram.ts';
import { createTempDir } from '../support/tempDir.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { withOpened } from '../support/withOpened.ts';
import { withServer } from '../support/withServer.ts';

const EXPORT = '/api/market/open-interest/history/export';
const TODAY = startOf(dayOf(Date.now()));
const [OLD, YOUNG] = [TODAY - 9 * DAY_MS, TODAY - DAY_MS];
const SYMBOLS = ['BTCUSDT', '币安人生USDT'];

const { database, server } = withServer();
const folder = withOpened(createTempDir, 'remove');
let stored: Sample[];

beforeEach(async () => {
  stored = [...aDay(SYMBOLS, OLD), ...aDay(SYMBOLS, YOUNG)];
  await storeSamples(database, stored);
  await compactDays({ db: database.db, signal: new AbortController().signal }, TODAY - 3 * DAY_MS);
  stored.sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : compareMoments(a, b)));
});
afterEach(() => clearHistory(database));

const runHistory = (...args: string[]) => runProgram('server/history', args, { DATABASE_URL: database.url });
const btc = () => stored.filter((it) => it.symbol === 'BTCUSDT');

async function download(query: string, headers: Record<string, string>): Promise<Buffer> {
  const response = await server.get(`${EXPORT}?${query}`, headers);
  expect([query, response.status]).toEqual([query, 200]);
  return Buffer.from(await response.arrayBuffer());
}

describe('GET /api/market/open-interest/history/export', () => {
  it('streams both tiers of a symbol to Pro users, with a final count that proves it complete', async () => {
    const token = await bearer(server, 'pro');
    const ndjson = (await download('symbol=btc-usdt&format=ndjson', token)).toString().trim().split('\n');
    expect(JSON.parse(ndjson.at(-1)!)).toEqual({ samples: 288 });
    const samples = ndjson.slice(0, -1).map((line) => JSON.parse(line) as Sample);
    expect(samples).toEqual(
      btc().map((it) => ({ ...it, ts: new Date(it.ts).toISOString(), createdAt: expect.any(String) })),
    );
    const csv = (await download('symbol=BTCUSDT', token)).toString().trim().split('\n');
    expect(csv[0]).toBe(
      'symbol,ts,source,open_interest,open_interest_usd,mark_price,funding_rate,created_at',
    );
    expect(csv.at(-1)).toBe('# 288 samples');
    expect(csv).toHaveLength(290);
  });

  it('writes Parquet that another reader decodes, value by value', async () => {
    const bytes = await download('format=parquet', { 'X-API-Key': OPERATOR_KEY });
    const rows: Record<string, unknown>[] = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(
      rows.map((row) => ({
        symbol: row['symbol'],
        ts: (row['ts'] as Date).getTime(),
        source: row['source'],
        openInterest: row['open_interest'],
        openInterestUsd: row['open_interest_usd'] ?? null,
        markPrice: row['mark_price'] ?? null,
        fundingRate: row['funding_rate'] ?? null,
      })),
    ).toEqual(stored);
  });

  it('accepts a range, and all symbols from operators only', async () => {
    const query = `from=${OLD + 30 * MINUTE_MS}&to=${OLD + 50 * MINUTE_MS}&format=ndjson`;
    const all = (await download(query, { 'X-API-Key': OPERATOR_KEY })).toString();
    expect(all.trim().split('\n')).toHaveLength(5);
    const refused = await server.get(`${EXPORT}?${query}`, await bearer(server, 'pro'));
    expect(await readRefusal(refused)).toMatchObject({ status: 403 });
    const free = await server.get(`${EXPORT}?symbol=BTCUSDT`, await bearer(server, 'free'));
    expect(free.status).toBe(403);
    const reversed = await server.get(`${EXPORT}?from=2026-01-02&to=2026-01-01&symbol=A`, {
      'X-API-Key': OPERATOR_KEY,
    });
    expect(reversed.status).toBe(400);
  });

  it('releases its slot when the client disconnects', async () => {
    const headers = await bearer(server, 'pro');
    for (let i = 0; i < 6; i += 1) {
      const leaving = new AbortController();
      const response = await fetch(`${server.url}${EXPORT}?symbol=BTCUSDT`, {
        headers,
        signal: leaving.signal,
      });
      await response.body!.getReader().read();
      leaving.abort();
    }
    expect((await download('symbol=BTCUSDT', headers)).length).toBeGreaterThan(10_000);
  });
});

describe('npm run history', () => {
  it('exports, and imports its export into an empty history any number of times', async () => {
    for (const format of ['ndjson', 'csv']) {
      const file = path.join(folder.path, `all.${format}`);
      expect(await runHistory('export', '--format', format, file)).toMatchObject({
        code: 0,
        stdout: `576 samples in ${file}\n`,
      });
      await clearHistory(database);
      expect((await runHistory('import', file)).stdout).toContain('576 samples stored, 0 stored already');
      expect((await runHistory('import', file)).stdout).toContain('0 samples stored, 576 stored already');
      expect(await auditHistory(database.pool, stored)).toMatchObject({
        acked: 576,
        lost: 0,
        changed: 0,
        strange: 0,
      });
    }
  }, 120_000);

  it('exports dated futures by the name of the exchange, and rows by any name that they are stored under', async () => {
    await storeSamples(database, aDay(['BTCUSDT260327', 'A_1'], YOUNG));
    for (const symbol of ['BTCUSDT_260327', 'A_1']) {
      const file = path.join(folder.path, `${symbol}.csv`);
      expect((await runHistory('export', '--symbol', symbol, file)).stdout).toBe(`144 samples in ${file}\n`);
    }
  }, 60_000);

  it("imports the exchange's archive as backfill, beside existing samples, and names refused lines", async () => {
    const day = dayOf(OLD);
    const file = path.join(folder.path, `BTCUSDT-metrics-${day}.csv`);
    const header =
      'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio';
    const lines = [
      header,
      `${day} 00:05:00,BTCUSDT,104882.7050000000000000,6653666199.0900000000000000,1.70,1.05,1.42,0.91`,
      `${day} 00:10:00,BTCUSDT,104990.1000000000000000,0.0000000000000000,1.70,1.05,1.42,0.91`,
      header,
      `${day} 00:15:00,BTCUSDT,many,6653666199.09,1.70,1.05,1.42,0.91`,
      `2019-01-01 00:15:00,BTCUSDT,1,1,1,1,1,1`,
    ];
    fs.writeFileSync(file, `${lines.join('\n')}\n`);
    const { code, stdout } = await runHistory('import', file);
    expect(code).toBe(1);
    expect(stdout).toContain('line 5: sum_open_interest:');
    expect(stdout).toContain('line 6: is older than the 400 days that are kept');
    expect(stdout).toContain('2 samples stored, 0 stored already, 2 refused');
    const backfill = [104_882.705, 104_990.1].map((openInterest, i): Sample => ({
      symbol: 'BTCUSDT',
      ts: OLD + (i + 1) * 5 * MINUTE_MS,
      source: 'backfill',
      openInterest,
      openInterestUsd: i === 0 ? 6_653_666_199.09 : null,
      markPrice: null,
      fundingRate: null,
    }));
    const all = [...stored, ...backfill];
    expect(await auditHistory(database.pool, all)).toEqual({
      acked: 578,
      lost: 0,
      doubled: 0,
      changed: 0,
      strange: 0,
    });
    await runHistory('compact');
    await runHistory('import', file);
    await runHistory('compact');
    expect(await auditHistory(database.pool, all)).toEqual({
      acked: 578,
      lost: 0,
      doubled: 0,
      changed: 0,
      strange: 0,
    });
  }, 120_000);

  it('describes the contents of both tiers, and refuses unknown arguments', async () => {
    const { stdout } = await runHistory('info');
    expect(stdout).toMatch(
      /^hot +\d+ days .*\ncold +1 days \(\S+ to \S+\), 288 samples, .* bytes a sample\n/,
    );
    expect(await runHistory('shrink')).toMatchObject({ code: 2 });
    expect(await runHistory('export', '--format', 'xml')).toMatchObject({ code: 2 });
  }, 60_000);
});
