import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StreamStatus } from '../../../../src/collector/streams/stream.ts';
import { formatStateFile, parseOptionalStateFile } from '../../../../src/collector/markPrices/stateFile.ts';
import { createStateReader } from '../../../../src/collector/markPrices/stateReader.ts';
import { createPriceTable } from '../../../../src/collector/markPrices/table.ts';
import { createFakeClock } from '../../../support/fakeClock.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { withEach } from '../../../support/withOpened.ts';

/** As the original's daemon writes it. */
const WRITTEN_BY_THE_ORIGINAL = `{
  "funding_state": {
    "BTCUSDT": {
      "fundingRate": 0.0001,
      "markPrice": 93041.35,
      "indexPrice": 93040.1,
      "nextFundingTime": 1795190400000,
      "updatedAt": 1795183203.4127
    },
    "币安人生USDT": {
      "markPrice": 0.48683834,
      "updatedAt": 1795183203.4
    },
    "OLDUSDT": { "fundingRate": null, "markPrice": 0.0, "updatedAt": 1795183203.0 },
    "BADUSDT": { "markPrice": 5.0 }
  },
  "connection_status": {
    "connected": true,
    "last_connected_time": 1795183000.25,
    "reconnect_attempts": 2,
    "messages_received": 36624,
    "last_message_time": 1795183203.4127
  },
  "updated_at": 1795183203.413,
  "daemon_pid": 4711
}`;

const CONNECTION: StreamStatus = {
  connected: true,
  lastConnectedAt: 1_795_183_000_250,
  reconnectAttempts: 2,
  messagesReceived: 36_624,
  lastMessageAt: 1_795_183_203_412.7,
};

describe('price file', () => {
  it('reads the original’s file with any of the inner keys missing', () => {
    const state = parseOptionalStateFile(WRITTEN_BY_THE_ORIGINAL)!;
    expect(state.connection).toEqual(CONNECTION);
    expect(state.rows).toEqual([
      {
        symbol: 'BTCUSDT',
        markPrice: 93_041.35,
        indexPrice: 93_040.1,
        fundingRate: 0.0001,
        nextFundingTime: 1_795_190_400_000,
        updatedAt: 1_795_183_203_412.7,
      },
      {
        symbol: '币安人生USDT',
        markPrice: 0.48683834,
        indexPrice: null,
        fundingRate: null,
        nextFundingTime: null,
        updatedAt: 1_795_183_203_400,
      },
      {
        symbol: 'OLDUSDT',
        markPrice: null,
        indexPrice: null,
        fundingRate: null,
        nextFundingTime: null,
        updatedAt: 1_795_183_203_000,
      },
    ]);
  });

  it('writes the original’s keys, and omits unknown values', () => {
    const { rows } = parseOptionalStateFile(WRITTEN_BY_THE_ORIGINAL)!;
    const text = JSON.stringify(formatStateFile({ rows, connection: CONNECTION }, 1_795_183_203_413));
    expect(JSON.parse(text)).toEqual({
      funding_state: {
        BTCUSDT: {
          fundingRate: 0.0001,
          markPrice: 93_041.35,
          indexPrice: 93_040.1,
          nextFundingTime: 1_795_190_400_000,
          updatedAt: 1_795_183_203.4127,
        },
        币安人生USDT: { markPrice: 0.48683834, updatedAt: 1_795_183_203.4 },
        OLDUSDT: { updatedAt: 1_795_183_203 },
      },
      connection_status: {
        connected: true,
        last_connected_time: 1_795_183_000.25,
        reconnect_attempts: 2,
        messages_received: 36_624,
        last_message_time: 1_795_183_203.4127,
      },
      updated_at: 1_795_183_203.413,
      daemon_pid: process.pid,
    });
  });

  it('round-trips through the file', () => {
    const price = fc.option(fc.double({ min: 1e-8, max: 1e7, noNaN: true }), { nil: null });
    const row = fc.record({
      symbol: fc.stringMatching(/^[A-Z0-9]{2,10}USDT$/),
      markPrice: price,
      indexPrice: price,
      fundingRate: fc.option(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { nil: null }),
      nextFundingTime: fc.option(fc.integer({ min: 1, max: 4e12 }), { nil: null }),
      updatedAt: fc.integer({ min: 1, max: 4e12 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: (it) => it.symbol }), (rows) => {
        const text = JSON.stringify(formatStateFile({ rows, connection: CONNECTION }, 4e12));
        const read = parseOptionalStateFile(text)!;
        expect(read.rows.map((it) => ({ ...it, updatedAt: Math.round(it.updatedAt) }))).toEqual(
          rows.map((it) => ({
            ...it,
            fundingRate: it.fundingRate === 0 ? expect.closeTo(0) : it.fundingRate,
          })),
        );
      }),
    );
  });

  it('Q9 keeps the good rows of a file with NaN and Infinity written by Python', () => {
    const text = WRITTEN_BY_THE_ORIGINAL.replace('0.48683834', 'NaN').replace('0.0001', '-Infinity');
    const rows = parseOptionalStateFile(text)!.rows;
    expect(rows.find((row) => row.symbol === 'BTCUSDT')).toMatchObject({
      markPrice: 93_041.35,
      fundingRate: null,
    });
    expect(rows.find((row) => row.symbol === '币安人生USDT')).toMatchObject({ markPrice: null });
  });

  it.each(['', '{', 'null', '[]', '{"funding_state": []}', '{"funding_state": null}', '"text"', '\u0000'])(
    'Q7 yields no prices from %j',
    (text) => {
      expect(parseOptionalStateFile(text)).toBeNull();
    },
  );
});

describe('reader of the price file', () => {
  const dir = withEach(createTempDir, 'remove');
  let file: string;
  beforeEach(() => {
    file = path.join(dir.path, '.funding_state.json');
  });

  it('Q7 never reads a torn, emptied or absent file as a price of 0, in 2,500 rewrites', async () => {
    const clock = createFakeClock(1_795_183_203_500);
    const table = createPriceTable(clock);
    let states = 0;
    const reader = createStateReader({
      file,
      onState(state) {
        states += 1;
        table.put(state.rows);
      },
    });
    const whole = Buffer.from(WRITTEN_BY_THE_ORIGINAL);
    let faults = 0;
    let prices = 0;
    // The cuts pass through each length of the file several times.
    for (let rewrite = 0; rewrite < 2_500; rewrite += 1) {
      const cut = (rewrite * 7_919) % whole.length;
      if (rewrite % 50 === 49) fs.rmSync(file, { force: true });
      else if (rewrite % 5 === 4) fs.writeFileSync(file, whole);
      else fs.writeFileSync(file, whole.subarray(0, cut));
      const reading = reader.read();
      // Half of the rewrites happen while the reader is at it.
      if (rewrite % 2 === 0) fs.writeFileSync(file, whole.subarray(0, (cut * 31) % whole.length));
      await reading;
      if (reader.fault() !== null) faults += 1;
      const price = table.priceOf('BTCUSDT');
      if (price === null) continue;
      prices += 1;
      expect(price.markPrice).toBe(93_041.35);
    }
    expect(states).toBeGreaterThan(125);
    expect(faults).toBeGreaterThan(1_250);
    expect(prices).toBeGreaterThan(1_250);
    clock.advance(60_000);
    expect(table.priceOf('BTCUSDT')).toBeNull();
  });

  it('reads a file again only when it has changed, by rename or in place', async () => {
    let states = 0;
    const reader = createStateReader({ file, onState: () => (states += 1) });
    await reader.read();
    expect(reader.fault()).toContain('is not there');
    fs.writeFileSync(file, WRITTEN_BY_THE_ORIGINAL);
    await reader.read();
    await reader.read();
    expect(states).toBe(1);
    expect(reader.fault()).toBeNull();
    fs.writeFileSync(`${file}.new`, WRITTEN_BY_THE_ORIGINAL);
    fs.renameSync(`${file}.new`, file);
    await reader.read();
    expect(states).toBe(2);
    fs.appendFileSync(file, '\n');
    await reader.read();
    expect(states).toBe(3);
  });
});
