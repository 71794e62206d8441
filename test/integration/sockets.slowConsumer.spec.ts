import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { anItem } from '../support/builders.ts';
import { openPollingClient } from '../support/pollingClient.ts';
import { openRawSocket, type RawSocket } from '../support/rawSocket.ts';
import { openSocket, type TestSocket } from '../support/sockets.ts';
import { waitFor } from '../support/waitFor.ts';
import { withSocketServer } from '../support/withServer.ts';
import { readMetric } from '../support/openInterestCalls.ts';

/** Rows of maximum width, so that few messages fill the buffers of the operating system. */
const SYMBOLS = Array.from({ length: 500 }, (_, i) => `VERYLONGSYMBOLNAME${String(i).padStart(9, '0')}USDT`);

const { server, clock } = withSocketServer({
  env: { OI_BROADCAST_DEBOUNCE_MS: '1', OI_BROADCAST_MAX_WAIT_MS: '20' },
});
beforeAll(async () => {
  token = await server.token('pro');
});
let token: string;
let healthy: TestSocket;
let paused: RawSocket;
let pongs: NodeJS.Timeout;

afterEach(() => {
  clearInterval(pongs);
  healthy.close();
  paused.ws.terminate();
});

let ts = Date.now() - 600_000;

async function postAll(): Promise<void> {
  ts += 1;
  const answer = await server.post('/api/market/open-interest/ingest', {
    data: SYMBOLS.map((symbol) =>
      anItem(symbol, { openInterest: ts + 1 / 3, markPrice: 1 / 3, openInterestUsd: null }),
    ),
    timestamp: ts,
    source: 'realtime',
  });
  expect(answer.status).toBe(200);
}

const metric = (name: string): Promise<number> => readMetric(server, name);

async function openBoth(): Promise<void> {
  healthy = openSocket(server.url, { token });
  // Plain frames fill the buffers of the operating system sooner than deflated ones.
  paused = openRawSocket(server.url, { perMessageDeflate: false });
  await Promise.all([healthy.hello(), paused.introduce({ token })]);
  await waitFor('its hello', () => paused.messages.some((it) => it.includes('open-interest-hello')));
  paused.ws.pause();
  // It does not read the engine's pings, which on a busy machine would end it before its buffer is full.
  pongs = setInterval(() => paused.ws.send('3'), 1_000);
}

/** The server looks at its connections once a second. */
async function secondPasses(): Promise<void> {
  clock.jump(1_000);
  // The ack shows that everything sent to a reading client has been delivered.
  await healthy.sync({ epoch: 'none', seq: 0 });
}

describe('a client that stops reading', () => {
  it('B5 is closed before 1 MB is buffered for it, while a healthy one receives everything; it may reconnect', async () => {
    await openBoth();
    const slowBefore = await metric('oi_ws_closed_total{reason="slow"}');
    let most = 0;
    let behindSince: number | null = null;
    for (let round = 0; round < 400; round += 1) {
      await postAll();
      if ((await metric('oi_ws_closed_total{reason="slow"}')) > slowBefore) break;
      const buffered = await metric('oi_ws_buffer_max_bytes');
      most = Math.max(most, buffered);
      behindSince = buffered > 0 ? (behindSince ?? clock.now()) : null;
      clock.jump(500);
    }
    expect(await metric('oi_ws_closed_total{reason="slow"}')).toBe(slowBefore + 1);
    // For what waited, not for how long.
    expect(clock.now() - (behindSince ?? clock.now())).toBeLessThan(9_000);
    most = Math.max(most, await metric('oi_ws_buffer_max_bytes'));
    // Checked once a second: add the bytes of one second.
    expect(most).toBeLessThan(1_500_000);
    await waitFor(
      'the healthy one to have everything',
      () => healthy.updates.at(-1)?.seq === (healthy.hellos[0]?.seq ?? 0) + healthy.updates.length,
    );
    const last = healthy.updates.at(-1)?.rows[0] as { openInterest: number };
    expect(last.openInterest).toBe(ts + 1 / 3);
    expect(healthy.disconnects).toEqual([]);

    paused.ws.resume();
    await waitFor('it to notice', () => paused.closed());
    const back = openSocket(server.url, { token });
    await back.hello();
    expect(await back.sync(null)).toMatchObject({ full: true });
    back.close();
  });

  it('B5 is closed after 10 s without reading, however little is buffered', async () => {
    await openBoth();
    const slowBefore = await metric('oi_ws_closed_total{reason="slow"}');
    const startedAt: number[] = [];
    await waitFor(
      'the paused one to be behind',
      async () => {
        startedAt.push(clock.now());
        await postAll();
        await secondPasses();
        return (await metric('oi_ws_buffer_max_bytes')) > 0;
      },
      { everyMs: 0 },
    );
    // At that time its buffer was empty for the last time, or later. The clock also moves by what the steps take.
    const readAt = startedAt.at(-2) ?? startedAt[0]!;
    let seconds = 0;
    while (seconds < 15 && (await metric('oi_ws_closed_total{reason="slow"}')) === slowBefore) {
      await secondPasses();
      seconds += 1;
    }
    expect(await metric('oi_ws_closed_total{reason="slow"}')).toBe(slowBefore + 1);
    expect(clock.now() - readAt).toBeGreaterThanOrEqual(9_000);
    expect(healthy.disconnects).toEqual([]);
    paused.ws.resume();
    await waitFor('it to notice', () => paused.closed());
  });

  it('B5 is closed after 10 s without a poll', async () => {
    await openBoth();
    const slowBefore = await metric('oi_ws_closed_total{reason="slow"}');
    const poll = await pollOnce();
    await postAll();
    for (let second = 1; second < 9; second += 1) await secondPasses();
    expect(await metric('oi_ws_closed_total{reason="slow"}')).toBe(slowBefore);
    for (let second = 9; second < 12; second += 1) await secondPasses();
    expect(await metric('oi_ws_closed_total{reason="slow"}')).toBe(slowBefore + 1);
    expect((await poll()).status).toBe(400);
  });
});

/** Connects by polling, receives hello and stops polling; the returned function polls again. */
async function pollOnce(): Promise<() => Promise<Response>> {
  const client = await openPollingClient(server);
  expect(await (await client.send(`40${JSON.stringify({ token })}`)).text()).toBe('ok');
  let received = '';
  while (!received.includes('open-interest-hello')) received += await (await client.poll()).text();
  return client.poll;
}
