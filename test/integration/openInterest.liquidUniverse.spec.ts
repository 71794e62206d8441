import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { HOUR_MS, MINUTE_MS } from '../../src/kit/clock.ts';
import { LiquidUniverseBody } from '../../src/openInterest/universe/universe.types.ts';
import { aChunk, symbolNames } from '../support/builders.ts';
import { getJson, postChunk, readBoard, readRefusal, readRows } from '../support/openInterestCalls.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { withFreshServer } from '../support/withServer.ts';

const UNIVERSE = '/api/market/open-interest/liquid-universe';
const UPDATE = `${UNIVERSE}/update`;

const { database, server, clock, restart } = withFreshServer();

type Member = {
  symbol: string;
  quoteVolume24h: number | string;
  fundingIntervalHours?: number | null;
  circulatingSupply?: number | null;
  circulatingSupplyAt?: string;
  sectors?: string[];
  enteredAt?: string | null;
};

/** As the original's job sends it. */
function anUpdate(members: readonly (Member | string)[], more: Record<string, unknown> = {}) {
  const lastSeenAt = new Date(clock.now()).toISOString().replace('Z', '000+00:00');
  return {
    symbols: members.map((member, i) => ({
      enteredAt: null,
      lastSeenAt,
      ...(typeof member === 'string' ? { symbol: member, quoteVolume24h: 5e6 + i } : member),
    })),
    updatedAt: lastSeenAt,
    ...more,
  };
}

const Updated = z.strictObject({
  success: z.literal(true),
  upserted: z.number(),
  removed: z.number(),
  totalSymbols: z.number(),
  entered: z.array(z.string()),
  left: z.array(z.string()),
});

async function update(...given: Parameters<typeof anUpdate>): Promise<z.infer<typeof Updated>> {
  const response = await server.post(UPDATE, anUpdate(...given));
  expect(response.status).toBe(200);
  return Updated.parse(await response.json());
}

async function readUniverse(): Promise<z.infer<typeof LiquidUniverseBody>> {
  return LiquidUniverseBody.strict().parse(await getJson(server, UNIVERSE));
}

const namesOf = (body: { symbols: { symbol: string }[] }) => body.symbols.map((it) => it.symbol);

describe('POST /api/market/open-interest/liquid-universe/update', () => {
  it('replaces the set as the original job sends it, volumes as numbers or text', async () => {
    const answer = await update([
      { symbol: 'BTCUSDT', quoteVolume24h: 1.2e10 },
      { symbol: '币安人生USDT', quoteVolume24h: '5123456.78' },
    ]);
    expect(answer).toMatchObject({ upserted: 2, removed: 0, totalSymbols: 2, left: [] });
    expect(answer.entered.toSorted()).toEqual(['BTCUSDT', '币安人生USDT']);
    expect((await readUniverse()).symbols).toMatchObject([
      { symbol: 'BTCUSDT', quoteVolume24h: 1.2e10 },
      { symbol: '币安人生USDT', quoteVolume24h: 5_123_456.78 },
    ]);
  });

  it('keeps the funding interval of a symbol for which none is sent, and over a restart', async () => {
    const volumes = { symbol: 'BTCUSDT', quoteVolume24h: 1e9 };
    const intervals = async () => (await readUniverse()).symbols.map((it) => it.fundingIntervalHours);
    await update([{ ...volumes, fundingIntervalHours: 8 }, 'ETHUSDT']);
    expect(await intervals()).toEqual([8, null]);
    await update([volumes, 'ETHUSDT']);
    await restart();
    expect(await intervals()).toEqual([8, null]);
    await update([{ ...volumes, fundingIntervalHours: 4 }, 'ETHUSDT']);
    expect(await intervals()).toEqual([4, null]);
    const refused = await server.post(UPDATE, anUpdate([{ ...volumes, fundingIntervalHours: 0 }, 'ETHUSDT']));
    expect(refused.status).toBe(400);
  });

  it('keeps supply and sectors that are not sent again, and over a restart; an answer without supply replaces one', async () => {
    const volumes = { symbol: '1000PEPEUSDT', quoteVolume24h: 1e9 };
    const at = (hour: number) => `2026-11-20T0${hour}:00:00.000Z`;
    const facts = async () => {
      const [pepe, eth] = (await readUniverse()).symbols;
      expect(eth).toMatchObject({ circulatingSupply: null, circulatingSupplyAt: null, sectors: null });
      return [pepe!.circulatingSupply, pepe!.circulatingSupplyAt, pepe!.sectors];
    };
    const read = { circulatingSupply: 4.2069e11, circulatingSupplyAt: at(1) };
    await update([{ ...volumes, ...read, sectors: ['Meme', 'Alpha'] }, 'ETHUSDT']);
    expect(await facts()).toEqual([4.2069e11, at(1), ['Meme', 'Alpha']]);
    await update([volumes, 'ETHUSDT']);
    await restart();
    expect(await facts()).toEqual([4.2069e11, at(1), ['Meme', 'Alpha']]);
    await update([
      { ...volumes, circulatingSupply: null, circulatingSupplyAt: at(2), sectors: [] },
      'ETHUSDT',
    ]);
    expect(await facts()).toEqual([null, at(2), []]);
    for (const fault of [
      { circulatingSupply: 0 },
      { sectors: [''] },
      { sectors: ['a,b'] },
      { sectors: ['\0'] },
    ]) {
      expect((await server.post(UPDATE, anUpdate([{ ...volumes, ...fault }, 'ETHUSDT']))).status).toBe(400);
    }
  });

  it('keeps enteredAt of a symbol that stays, for any value sent, and over a restart', async () => {
    const enteredAt = '2026-11-20T09:00:00.000Z';
    await update([{ symbol: 'BTCUSDT', quoteVolume24h: 1e9, enteredAt }, 'ETHUSDT']);
    const start = new Date(clock.now()).toISOString();
    clock.advance(5 * MINUTE_MS);
    const stays = { symbol: 'BTCUSDT', quoteVolume24h: 2e9, enteredAt: '2026-11-20T14:04:00Z' };
    await update([stays, 'ETHUSDT', 'SOLUSDT']);
    await restart();
    const { symbols } = await readUniverse();
    const now = new Date(clock.now()).toISOString();
    expect(symbols.map((it) => [it.symbol, it.enteredAt, it.lastSeenAt])).toEqual([
      ['BTCUSDT', enteredAt, now],
      ['SOLUSDT', now, now],
      ['ETHUSDT', start, now],
    ]);
  });

  it('reads a time without a zone as UTC, as Python writes it', async () => {
    await update([{ symbol: 'BTCUSDT', quoteVolume24h: 1, enteredAt: '2026-11-20T09:00:00.123456' }]);
    expect((await readUniverse()).symbols[0]?.enteredAt).toBe('2026-11-20T09:00:00.123Z');
  });

  it('accepts a symbol once, in any spelling', async () => {
    expect(await update(['BTCUSDT', 'btc-usdt', 'ETH_USDT'])).toMatchObject({ upserted: 2 });
    expect(namesOf(await readUniverse()).toSorted()).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it.each([
    ['an empty set', 0],
    ['less than half of the set', 4],
  ])('refuses %s with 409 unless forced, and changes nothing', async (_, size) => {
    const symbols = symbolNames(10);
    await update(symbols);
    const response = await server.post(UPDATE, anUpdate(symbols.slice(0, size)));
    expect(await readRefusal(response)).toMatchObject({ status: 409, code: 'universe_collapse' });
    expect(await readUniverse()).toMatchObject({ totalSymbols: 10 });
    expect(await update(symbols.slice(0, size), { force: true })).toMatchObject({
      upserted: size,
      removed: 10 - size,
    });
    expect(await readUniverse()).toMatchObject({ totalSymbols: size });
  });

  it('accepts exactly half of the set without force', async () => {
    await update(symbolNames(10));
    expect(await update(symbolNames(5))).toMatchObject({ upserted: 5, removed: 5 });
  });

  it('records who entered and left, and why, in order', async () => {
    await update(['BTCUSDT', 'ETHUSDT']);
    await update(['BTCUSDT', 'SOLUSDT'], { reasons: { ETHUSDT: 'volume 1.9 M\nbelow 2 M' } });
    const debug = await getJson(server, '/api/market/open-interest/debug', { 'X-API-Key': OPERATOR_KEY });
    const Journal = z.object({
      universe: z.object({ journal: z.array(z.looseObject({ symbol: z.string(), event: z.string() })) }),
    });
    const { journal } = Journal.parse(debug).universe;
    expect(journal).toHaveLength(4);
    expect(journal.slice(0, 2)).toEqual([
      expect.objectContaining({ symbol: 'ETHUSDT', event: 'left', reason: 'volume 1.9 M below 2 M' }),
      expect.objectContaining({ symbol: 'SOLUSDT', event: 'entered', reason: 'named by the universe job' }),
    ]);
  });

  it('P2 changes the set, the journal and the thresholds together or not at all', async () => {
    await update(['BTCUSDT', 'ETHUSDT'], { enterThreshold: 5e6 });
    const before = await readUniverse();
    // The journal is the last statement but one; its failure must roll back the others.
    await database.pool.query(
      `alter table open_interest_liquid_journal add constraint broken check (symbol <> 'DOGEUSDT')`,
    );
    try {
      const response = await server.post(UPDATE, anUpdate(['BTCUSDT', 'DOGEUSDT'], { enterThreshold: 6e6 }));
      expect(await readRefusal(response)).toMatchObject({ status: 500, code: 'internal' });
    } finally {
      await database.pool.query('alter table open_interest_liquid_journal drop constraint broken');
    }
    await restart();
    expect(await readUniverse()).toEqual(before);
  });

  it('ends concurrent updates with one whole set, the same in memory and in the database, and a consistent journal', async () => {
    const sets = Array.from({ length: 8 }, (_, i) => symbolNames(20, i * 5));
    await update(sets[0]!);
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(sets.map((symbols) => update(symbols, { force: true })));
      const { rows } = await database.pool.query<{ symbol: string }>(
        'select symbol from open_interest_liquid_symbols order by symbol',
      );
      const held = rows.map((row) => row.symbol);
      expect(sets.map((symbols) => symbols.toSorted())).toContainEqual(held);
      expect(namesOf(await readUniverse()).toSorted()).toEqual(held);
      const journal = await database.pool.query<{ symbol: string }>(
        `select symbol from open_interest_liquid_journal group by symbol
         having sum(case event when 'entered' then 1 else -1 end) = 1 order by symbol`,
      );
      expect(journal.rows.map((row) => row.symbol)).toEqual(held);
    }
  });

  it.each<[string, unknown, string]>([
    ['no symbols', {}, 'symbols'],
    ['text for symbols', { symbols: 'BTCUSDT' }, 'symbols'],
    ['null', null, 'body'],
    ['a member that is no object', { symbols: ['BTCUSDT'] }, 'symbols[0]'],
    ['a symbol that is none', { symbols: [{ symbol: 'A B', quoteVolume24h: 1 }] }, 'symbols[0].symbol'],
    ['no volume', { symbols: [{ symbol: 'BTCUSDT' }] }, 'symbols[0].quoteVolume24h'],
    [
      'a negative volume',
      { symbols: [{ symbol: 'BTCUSDT', quoteVolume24h: -1 }] },
      'symbols[0].quoteVolume24h',
    ],
    [
      'a volume beyond all',
      { symbols: [{ symbol: 'A', quoteVolume24h: '9'.repeat(400) }] },
      'symbols[0].quoteVolume24h',
    ],
    [
      'the year 0',
      { symbols: [{ symbol: 'A', quoteVolume24h: 1, enteredAt: '0000-01-01T00:00:00Z' }] },
      'symbols[0].enteredAt',
    ],
    ['a threshold of 0', { symbols: [], enterThreshold: 0 }, 'enterThreshold'],
  ])('X1 answers 400 to %s and keeps the set', async (_, body, path) => {
    await update(['BTCUSDT']);
    const refusal = await readRefusal(await server.post(UPDATE, body));
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_body' });
    expect(refusal.details.map((it) => it.path)).toContain(path);
    expect(namesOf(await readUniverse())).toEqual(['BTCUSDT']);
  });
});

describe('GET /api/market/open-interest/liquid-universe', () => {
  it('answers pollers without a key, by volume, with the last reported thresholds and an interval', async () => {
    expect(await readUniverse()).toMatchObject({ enterThreshold: 4e6, exitThreshold: 2e6, totalSymbols: 0 });
    await update(symbolNames(343), { enterThreshold: 5e6, exitThreshold: 3e6 });
    clock.advance(HOUR_MS);
    const body = await readUniverse();
    expect(body).toMatchObject({ enterThreshold: 5e6, exitThreshold: 3e6, totalSymbols: 343 });
    expect(Date.parse(body.updatedAt)).toBe(clock.now() - HOUR_MS);
    expect(body.symbols.map((it) => it.quoteVolume24h)).toEqual(
      body.symbols.map((it) => it.quoteVolume24h).toSorted((a, b) => b - a),
    );
    expect(new Set(body.symbols.map((it) => it.estimatedPollIntervalSec))).toEqual(new Set([10.29]));
  });

  it('adds volumes to the board and lists members without a sample', async () => {
    await postChunk(server, aChunk(['BTCUSDT', 'XRPUSDT'], { ts: clock.now() }));
    await update([{ symbol: 'BTCUSDT', quoteVolume24h: 1e9 }, 'ETHUSDT']);
    expect((await readBoard(server)).universe).toMatchObject({ total: 2, unsampled: ['ETHUSDT'] });
    const rows = await readRows(server);
    expect([rows.get('BTCUSDT')?.volume24h, rows.get('XRPUSDT')?.volume24h]).toEqual([1e9, null]);
  });
});
