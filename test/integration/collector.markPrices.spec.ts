import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFundingApiJob } from '../../src/collector/markPrices/fundingApi.job.ts';
import { createMarkPricesJob, type MarkPricesJob } from '../../src/collector/markPrices/markPrices.ts';
import { parseOptionalStateFile } from '../../src/collector/markPrices/stateFile.ts';
import { openPriceLink } from '../../src/collector/markPrices/priceLink.ts';
import { createStream } from '../../src/collector/streams/stream.ts';
import { createOutbound } from '../../src/collector/outbound/outbound.ts';
import { HOUR_MS, SECOND_MS, systemClock } from '../../src/kit/clock.ts';
import { createReleasers } from '../../src/kit/lifecycle.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import { silentLogger } from '../support/silentLogger.ts';
import { createTempDir } from '../support/tempDir.ts';
import { waitFor } from '../support/waitFor.ts';

let releasers = createReleasers(silentLogger);
let exchange: Simulator;
let stateFile: string;

beforeEach(async () => {
  const dir = createTempDir();
  releasers.push('dir', dir.remove);
  stateFile = path.join(dir.path, '.funding_state.json');
  exchange = await startSimulator();
  releasers.push('exchange', exchange.close);
});
afterEach(async () => {
  await releasers.releaseAll();
  releasers = createReleasers(silentLogger);
});

async function startJob(
  source: Partial<Parameters<typeof createMarkPricesJob>[0]['source']> = {},
): Promise<MarkPricesJob> {
  const job = createMarkPricesJob({
    source:
      'readFrom' in source ? { readFrom: source.readFrom! } : { wsUrl: exchange.wsUrl, stateFile, ...source },
    clock: systemClock,
    outbound: createOutbound({}),
    random: () => 0.2,
    logger: silentLogger,
  });
  releasers.push('job', job.stop);
  await job.start();
  return job;
}

const symbolsOf = (contractType: string, status: string) =>
  exchange.market
    .contracts()
    .filter((it) => it.contractType === contractType && it.status === status)
    .map((it) => it.symbol);

describe('mark prices from the stream', () => {
  it('are available within seconds for crypto and stocks, and never for settled contracts', async () => {
    const job = await startJob();
    const crypto = symbolsOf('PERPETUAL', 'TRADING');
    const stocks = symbolsOf('TRADIFI_PERPETUAL', 'TRADING');
    const settled = symbolsOf('PERPETUAL', 'SETTLING');
    expect([crypto.length > 500, stocks.length > 50, settled.length > 50]).toEqual([true, true, true]);
    const priced = (symbols: string[]) => symbols.filter((it) => job.prices.priceOf(it) !== null).length;
    await waitFor(
      'prices of all that trade',
      () => priced(crypto) === crypto.length && priced(stocks) === stocks.length,
    );
    expect(priced(settled)).toBe(0);
    const price = job.prices.priceOf('币安人生USDT')!;
    const truth = exchange.market.markPriceAt('币安人生USDT', exchange.now());
    expect(Math.abs(price.markPrice / truth - 1)).toBeLessThan(0.01);
    expect(job.status()).toMatchObject({ name: 'mark-prices', state: 'up' });
  });

  it('are written to a file that other processes read, like the original’s daemon', async () => {
    const job = await startJob();
    await waitFor('the file', () => fs.existsSync(stateFile));
    const reader = await startJob({ readFrom: stateFile });
    await waitFor('prices of the file', () => reader.prices.priceOf('BTCUSDT'));
    expect(reader.prices.status()).toMatchObject({ state: 'up' });
    expect(reader.connection().connected).toBe(true);
    await job.stop();
    await waitFor('the end of the connection, in the file', () => !reader.connection().connected);
    const { rows } = parseOptionalStateFile(fs.readFileSync(stateFile, 'utf8'))!;
    expect(rows.length).toBeGreaterThan(500);
    for (const row of rows) expect(row.markPrice).toBeGreaterThan(0);
    fs.rmSync(stateFile);
    await waitFor('the file’s loss to be reported', () => reader.status().note?.includes('is not there'));
  });

  it('are available immediately after a restart, and the file is never empty for readers', async () => {
    const job = await startJob();
    await waitFor('prices', () => job.prices.priceOf('BTCUSDT'));
    await job.stop();
    const before = job.prices.priceOf('BTCUSDT')!;
    const writtenAt = fs.statSync(stateFile).mtimeMs;
    // The next run finds no stream.
    await exchange.close();
    const next = await startJob();
    expect(next.prices.priceOf('BTCUSDT')).toEqual(before);
    await waitFor('the file to be written anew', () => fs.statSync(stateFile).mtimeMs > writtenAt);
    const { rows, connection } = parseOptionalStateFile(fs.readFileSync(stateFile, 'utf8'))!;
    expect(rows.length).toBeGreaterThan(500);
    expect(connection!.connected).toBe(false);
  });

  it('are ignored from the file of a daemon that died an hour ago, with the reason in the job', async () => {
    const hourAgo = (Date.now() - HOUR_MS) / SECOND_MS;
    fs.writeFileSync(
      stateFile,
      JSON.stringify({
        funding_state: {
          BTCUSDT: {
            fundingRate: 0.0001,
            markPrice: 93_041.35,
            indexPrice: 93_040.1,
            nextFundingTime: 1_789_488_000_000,
            updatedAt: hourAgo,
          },
        },
        connection_status: {
          connected: true,
          last_connected_time: hourAgo - 60,
          reconnect_attempts: 0,
          messages_received: 51_243,
          last_message_time: hourAgo,
        },
        updated_at: hourAgo,
        daemon_pid: 4_711,
      }),
    );
    const reader = await startJob({ readFrom: stateFile });
    expect(reader.prices.priceOf('BTCUSDT')).toBeNull();
    expect(reader.status()).toMatchObject({
      state: 'down',
      ok: 0,
      note: `the newest price in ${stateFile} is 1h 00m old, too old to be used`,
    });
  });

  it('Q7 expire for a symbol missing from the stream, while the others continue', async () => {
    const job = await startJob();
    await waitFor('prices', () => job.prices.priceOf('ETHUSDT'));
    exchange.faults.apply({ withoutMarkPrice: ['ETHUSDT'] });
    const aheadMs = () => job.table.rowOf('BTCUSDT')!.updatedAt - job.table.rowOf('ETHUSDT')!.updatedAt;
    await waitFor('the others to go on without it', () => aheadMs() > 2_500);
  });

  it('resume after the connection breaks', async () => {
    const job = await startJob();
    await waitFor('prices', () => job.prices.priceOf('BTCUSDT'));
    exchange.faults.apply({ dropSockets: true });
    await waitFor('the break', () => !job.connection().connected);
    await waitFor('prices again', () => job.connection().connected);
    expect(exchange.stats().sockets).toMatchObject({ opened: 2, open: 1 });
  });

  it('continue while an old connection is replaced', async () => {
    const job = await startJob({ timing: { renewAfterMs: 3 * SECOND_MS } });
    await waitFor('prices', () => job.prices.priceOf('BTCUSDT'));
    const seen = new Set<boolean>();
    await waitFor(
      'two renewals',
      () => {
        seen.add(job.connection().connected);
        return exchange.stats().sockets.opened >= 3;
      },
      { everyMs: 10 },
    );
    expect([...seen]).toEqual([true]);
    expect(exchange.stats().sockets.open).toBeLessThanOrEqual(2);
  });
});

describe('a silent stream', () => {
  it('is detected within seconds, reported, and replaced as soon as a new one sends data', async () => {
    const job = await startJob();
    await waitFor('prices', () => job.prices.priceOf('BTCUSDT'));
    exchange.faults.apply({ silentSockets: true });
    const silentAt = systemClock.now();
    await waitFor('the silence to be noticed', () => !job.connection().connected);
    expect(systemClock.now() - silentAt).toBeLessThan(9_000);
    expect(job.status()).toMatchObject({ state: 'slow' });
    expect(job.status().note).toContain('silent');
    exchange.faults.apply({ silentSockets: false });
    await waitFor('prices again', () => job.connection().connected);
    expect(job.status()).toMatchObject({ state: 'up' });
  });

  it('is detected on the exchange’s old address too, which accepts the subscription and stays silent', async () => {
    const stream = createStream({
      name: 'mark price stream',
      url: `${exchange.wsUrl}/ws/!markPrice@arr@1s`,
      clock: systemClock,
      outbound: createOutbound({}),
      random: () => 0,
      logger: silentLogger,
      onRows: () => undefined,
      open: openPriceLink,
    });
    releasers.push('stream', stream.stop);
    stream.start();
    await waitFor('the silence to be noticed', () => stream.fault()?.startsWith('silent'));
    await waitFor('another attempt', () => exchange.stats().sockets.opened >= 2);
    expect(stream.connection()).toMatchObject({ connected: false, lastConnectedAt: null });
  });

  it('is reported as unreachable when connections are refused, and retried', async () => {
    await exchange.close();
    const job = await startJob();
    await waitFor('the refusal', () => job.status().note?.includes('ECONNREFUSED'));
    expect(job.status()).toMatchObject({ state: 'down', ok: 0 });
    expect(job.prices.priceOf('BTCUSDT')).toBeNull();
    await waitFor('another attempt', () => job.connection().reconnectAttempts >= 2);
  });
});

describe('funding API', () => {
  it('answers 343 concurrent callers from memory, without a miss', async () => {
    const job = await startJob();
    const api = createFundingApiJob({ port: 0, source: job, clock: systemClock });
    await api.start();
    releasers.push('api', api.stop);
    const symbols = symbolsOf('PERPETUAL', 'TRADING').slice(0, 343);
    await waitFor('prices', () => symbols.every((it) => job.prices.priceOf(it) !== null));
    const url = `http://127.0.0.1:${api.port()}/funding`;
    for (let sweep = 0; sweep < 3; sweep += 1) {
      const startedAt = performance.now();
      const answers = await Promise.all(
        symbols.map(async (symbol) => {
          const response = await fetch(`${url}/${encodeURIComponent(symbol)}`);
          return (await response.json()) as { symbol: string; markPrice: number; ageSeconds: number };
        }),
      );
      expect(answers.map((it) => it.symbol)).toEqual(symbols);
      for (const { markPrice, ageSeconds } of answers) {
        expect(markPrice).toBeGreaterThan(0);
        expect(ageSeconds).toBeLessThan(5);
      }
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    }
    const batch = await fetch(`${url}/batch?symbols=${symbols.map(encodeURIComponent).join(',')}`);
    expect(await batch.json()).toMatchObject({ found: 343, missing: [], total: 343 });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(api.status()).toMatchObject({ state: 'up', failed: 0 });
  });
});
