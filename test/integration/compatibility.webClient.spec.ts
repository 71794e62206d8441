import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../src/kit/clock.ts';
import { bearer, getJson, postChunk } from '../support/openInterestCalls.ts';
import { openSocket } from '../support/sockets.ts';
import { waitFor } from '../support/waitFor.ts';
import { withFreshServer } from '../support/withServer.ts';

/**
 * The original's web client against this server: every request it makes and every field of the answer that it reads. For
 * live data it has to send a token of ours; the rest is as it was.
 */

const BASE = '/api/market/open-interest';
const ORIGIN = 'https://volspike.com';

const { server, clock } = withFreshServer({ env: { ALLOWED_ORIGINS: ORIGIN } });

describe('web client', () => {
  const browser = { Origin: ORIGIN };

  async function seed(): Promise<void> {
    const data = [
      { symbol: 'BTCUSDT', openInterest: 90_761.482, openInterestUsd: 8_445_361_234.5, markPrice: 93_050.07 },
      { symbol: 'NOPRICEUSDT', openInterest: 5, openInterestUsd: 0.0, markPrice: 0.0 },
    ];
    await postChunk(server, { data, timestamp: clock.now(), source: 'realtime' });
  }

  it('can open all its sockets: a dozen per tab, and five tabs', async () => {
    const token = await server.token('pro');
    const sockets = Array.from({ length: 5 * 12 }, () => openSocket(server.url, { token }));
    try {
      await Promise.all(sockets.map((it) => it.hello()));
      expect(sockets.flatMap((it) => it.refusals)).toEqual([]);
    } finally {
      for (const socket of sockets) socket.close();
    }
  });

  it('reads the map without credentials, with every value a number above 0', async () => {
    await seed();
    // What the visitor without an account is shown is the last 5-minute mark.
    clock.advance(5 * MINUTE_MS);
    const Cache = z.object({
      data: z.record(z.string(), z.number().positive()),
      stale: z.boolean(),
      asOf: z.number(),
      dangerouslyStale: z.boolean(),
    });
    const read = async (headers: Record<string, string>) => Cache.parse(await getJson(server, BASE, headers));
    await waitFor('the mark', async () => (await read(browser)).asOf === clock.now());
    expect((await read(browser)).data).toEqual({ BTCUSDT: 8_445_361_234.5 });
    expect((await read({ ...browser, ...(await bearer(server, 'pro')) })).data).toEqual({
      BTCUSDT: 8_445_361_234.5,
    });
  });

  it('reads alerts with its token: the values of its cards are numbers', async () => {
    const alert = {
      symbol: 'SUIUSDT',
      direction: 'UP',
      baseline: 900,
      current: 950,
      pctChange: 0.055,
      absChange: 50,
    };
    const body = { ...alert, timestamp: clock.now(), source: 'oi_realtime_poller', timeframe: '5 min' };
    expect((await server.post('/api/open-interest-alerts/ingest', body)).status).toBe(200);
    const Card = z.object({
      id: z.string(),
      symbol: z.string(),
      direction: z.enum(['UP', 'DOWN']),
      baseline: z.number(),
      current: z.number(),
      pctChange: z.number(),
      absChange: z.number(),
      priceChange: z.number().nullable(),
      fundingRate: z.number().nullable(),
      timeframe: z.enum(['5 min', '15 min', '1 hour']),
      source: z.string(),
      ts: z.iso.datetime(),
      createdAt: z.iso.datetime(),
    });
    const Page = z.object({
      alerts: z.array(Card).length(1),
      count: z.literal(1),
      limit: z.number(),
      offset: z.literal(0),
    });
    for (const limit of [50, 100]) {
      const headers = { ...browser, ...(await bearer(server, 'pro')) };
      const page = await getJson(server, `/api/open-interest-alerts?limit=${limit}`, headers);
      expect(Page.parse(page).limit).toBe(limit);
    }
  });

  it('receives updates on a socket opened by polling, and reads the map again', async () => {
    const socket = openSocket(server.url, {
      token: await server.token('pro'),
      query: { method: 'id', tier: 'pro' },
      transports: ['polling', 'websocket'],
    });
    try {
      await socket.hello();
      await seed();
      clock.advance(SECOND_MS);
      await waitFor('an update', () => socket.updates.length > 0);
    } finally {
      socket.close();
    }
  });

  it('is a guest with the token guest, and is refused with an e-mail or a user id as a token', async () => {
    const guest = openSocket(server.url, { token: 'guest' });
    const stranger = openSocket(server.url, { token: 'ada@example.com' });
    expect((await guest.hello()).tier).toBe('free');
    await waitFor('the refusal', () => stranger.refusals.length > 0);
    guest.close();
    stranger.close();
  });

  it.each(['GET', 'POST'])('is allowed by CORS from a configured origin: %s', async (method) => {
    const preflight = await fetch(`${server.url}/api/open-interest-alerts`, {
      method: 'OPTIONS',
      headers: {
        Origin: ORIGIN,
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'authorization,content-type,x-api-key',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
    expect(preflight.headers.get('access-control-allow-methods')).toContain(method);
    const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
    for (const header of ['authorization', 'content-type', 'x-api-key']) expect(allowed).toContain(header);
    expect(preflight.headers.get('access-control-max-age')).toBe('86400');
    const answer = await server.get(BASE, browser);
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  it.each(['https://evil.example', 'null', 'https://volspike.com.evil.example', 'http://volspike.com'])(
    'gets no CORS header from another origin: %s',
    async (origin) => {
      const answer = await server.get(BASE, { Origin: origin });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  it('reads error responses across origins too', async () => {
    const answer = await server.get('/api/open-interest-alerts', browser);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, ORIGIN]);
  });
});
