import { describe, expect, it } from '@jest/globals';
import { openPollingClient } from '../support/pollingClient.ts';
import { waitFor } from '../support/waitFor.ts';
import { withServer, withSockets } from '../support/withServer.ts';

const ALLOWED_ORIGIN = 'https://dashboard.example';

const { server } = withServer({ env: { ALLOWED_ORIGINS: ALLOWED_ORIGIN } });
const box = withSockets();

describe('a handshake', () => {
  it('A4 is refused with a code for a malformed token', async () => {
    const expired = await server.token('pro', { expiresInMs: -5_000, issuedAt: Date.now() - 60_000 });
    const good = await server.token('pro');
    const table: [unknown, string][] = [
      ['trader@example.com', 'token_malformed'],
      ['user-17', 'token_malformed'],
      ['mock-token-1', 'token_malformed'],
      ['Guest', 'token_malformed'],
      [' guest', 'token_malformed'],
      [17, 'token_malformed'],
      [0, 'token_malformed'],
      [true, 'token_malformed'],
      [false, 'token_malformed'],
      [[good], 'token_malformed'],
      [{ token: good }, 'token_malformed'],
      ['x'.repeat(9_000), 'token_malformed'],
      [`${good}x`, 'token_refused'],
      [expired, 'token_expired'],
    ];
    for (const transports of [['websocket'], ['polling']]) {
      const sockets = table.map(([token]) => box.open(server, { token, transports }));
      await waitFor('all to be refused', () =>
        sockets.every((it) => it.refusals.length + it.hellos.length > 0),
      );
      expect(sockets.map((it, i) => [table[i]?.[0], it.refusals[0], it.hellos.length])).toEqual(
        table.map(([token, code]) => [token, code, 0]),
      );
      for (const socket of sockets) socket.close();
    }
  });

  it('A4 B8 is cut off when its token exceeds the message limit', async () => {
    for (const transports of [['websocket'], ['polling']]) {
      const socket = box.open(server, { token: 'x'.repeat(1_000_000), transports });
      await waitFor('the end', () => socket.disconnects.length + socket.refusals.length > 0);
      expect(socket.hellos).toEqual([]);
    }
  });

  it('A5 is closed after 5 s without authentication, on either transport', async () => {
    // Opened first, so that its 5 s are over once those of the others are.
    const polled = await openPollingClient(server);
    const silent = Array.from({ length: 20 }, () => box.openRaw(server));
    const refused = box.openRaw(server);
    const elsewhere = box.openRaw(server);
    const left = box.openRaw(server);
    const [refusal] = await Promise.all([
      refused.introduce({ token: 'nobody@example.com' }),
      left.introduce(),
    ]);
    expect(refusal).toContain('token_malformed');
    elsewhere.ws.send('40/other,');
    left.ws.send('41');
    await waitFor('the one that has left to be closed', () => left.closed());
    await waitFor('all to be closed', () => [...silent, refused, elsewhere].every((it) => it.closed()));
    const lived = [...silent, refused, elsewhere].map((it) => it.closed()?.afterMs ?? Infinity);
    // Left to itself Socket.IO would wait for 45 s.
    expect(Math.max(...lived)).toBeLessThan(15_000);
    expect((await polled.send('40')).status).toBe(400);
  });

  it('A6 is refused for a foreign Origin before the upgrade, on either transport', async () => {
    const own = server.url;
    const table: [string | undefined, boolean][] = [
      [undefined, true],
      [own, true],
      [ALLOWED_ORIGIN, true],
      ['https://evil.example', false],
      ['null', false],
      ['', false],
      ['https://DASHBOARD.example', false],
      ['https://dashboard.example/', false],
      ['https://dashboard.example:8443', false],
      ['http://dashboard.example', false],
      ['https://dashboard.example.evil.example', false],
      ['https://evil-dashboard.example', false],
      ['https://dashboard.example@evil.example', false],
      [`http://127.0.0.1:${server.port + 1}`, false],
      ['http://127.0.0.1', false],
      ['file://', false],
    ];
    for (const [origin, allowed] of table) {
      const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin };
      const socket = box.openRaw(server, { headers });
      const polled = await server.get('/socket.io/?EIO=4&transport=polling', headers);
      await waitFor('an answer to the upgrade', () => socket.status());
      expect([origin, socket.status(), polled.status]).toEqual(
        allowed ? [origin, 101, 200] : [origin, 400, 403],
      );
    }
  });

  it('A6 accepts the session cookie only from our own page', async () => {
    const token = await server.token('pro');
    const cookieOf = async (value: string): Promise<string> => {
      const answer = await server.post('/api/session', { token: value }, { Origin: server.url });
      return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    };
    const cookie = await cookieOf(token);
    const ours = box.open(server, { extraHeaders: { Cookie: cookie, Origin: server.url } });
    expect(await ours.hello()).toMatchObject({ tier: 'pro' });
    const polled = box.open(server, {
      extraHeaders: { Cookie: cookie, Origin: server.url },
      transports: ['polling'],
    });
    expect(await polled.hello()).toMatchObject({ tier: 'pro' });
    // Not a browser, so the page's origin is unchecked: a token would count, a cookie does not.
    const program = box.open(server, { extraHeaders: { Cookie: cookie } });
    expect(await program.hello()).toMatchObject({ tier: 'free', mode: 'snapshot' });
    const broken = box.open(server, { extraHeaders: { Cookie: `${cookie}x`, Origin: server.url } });
    await waitFor('the refusal', () => broken.refusals[0]);
    expect(broken.refusals).toEqual(['token_refused']);
    // An explicit credential precedes one that the browser adds.
    const both = box.open(server, { token: 'guest', extraHeaders: { Cookie: cookie, Origin: server.url } });
    expect(await both.hello()).toMatchObject({ tier: 'free' });
  });

  it('of an older or unknown protocol is refused', async () => {
    for (const query of [
      'EIO=3&transport=websocket',
      'EIO=99&transport=websocket',
      'transport=websocket',
      'EIO=4&transport=tcp',
      'EIO=4&transport=websocket&sid=unknown',
    ]) {
      const socket = box.openRaw(server, { query });
      await waitFor(`${query} to be refused`, () => socket.closed());
      expect(socket.messages).toEqual([]);
    }
  });
});
