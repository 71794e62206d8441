import { readFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpGet } from '../../src/collector/binance/http.ts';
import { createOutbound } from '../../src/collector/outbound/outbound.ts';
import { systemClock } from '../../src/kit/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createCertificate } from '../support/certificate.ts';
import { startCollectorProcess, type CollectorProcess } from '../support/collectorProcess.ts';
import { startConnectProxy, type ConnectProxy } from '../support/connectProxy.ts';
import { startHttp } from '../support/startHttp.ts';
import { createTempDir } from '../support/tempDir.ts';
import { collectorEnv } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

const simulator = withOpened(startSimulator, 'close');
let proxy: ConnectProxy;
/** The server that the collector posts to; its responses do not matter here. */
const server = withOpened(
  () => startHttp((request, response) => void text(request).then(() => response.end('{"success":true}'))),
  'close',
);
let collector: CollectorProcess | undefined;
let dir: ReturnType<typeof createTempDir>;

afterEach(async () => {
  await collector?.end();
  collector = undefined;
  await proxy.close();
  dir?.remove();
});

/** A collector whose exchange and server have names that only the proxy can resolve. */
async function startBehindProxy(env: Record<string, string>): Promise<CollectorProcess> {
  proxy = await startConnectProxy();
  const proxyUrl = proxy.url.replace('http://', 'http://user:p%40ss@');
  dir = createTempDir();
  const named = (url: string) => url.replace('127.0.0.1', 'exchange.test');
  collector = startCollectorProcess(['mark-prices', 'liquid-universe'], {
    ...collectorEnv({ simulator, serverUrl: `http://server.test:${server.port}`, stateDir: dir.path }),
    BINANCE_REST_URL: named(simulator.restUrl),
    BINANCE_WS_URL: named(simulator.wsUrl),
    HTTP_PROXY: proxyUrl,
    HTTPS_PROXY: proxyUrl,
    ...env,
  });
  return collector;
}

describe('a collector with a proxy in its environment', () => {
  it('connects to exchange, stream and server through it, and logs it without its password', async () => {
    const { linesOf, lines } = await startBehindProxy({});
    const wants = [
      /^GET http:\/\/exchange\.test:\d+\/fapi\/v1\/exchangeInfo/,
      /^CONNECT exchange\.test:\d+/,
      /^POST http:\/\/server\.test:\d+\/api\/collectors\/heartbeat/,
    ];
    await waitFor('all of them', () => wants.every((it) => proxy.asked.some((line) => it.test(line))));
    await waitFor('prices', () => linesOf('mark price stream connected').length > 0);
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(new Set(proxy.authorizations)).toEqual(new Set([basic]));
    const logged = linesOf('connecting through a proxy').map((it) => it['proxy']);
    expect(logged).toEqual(Array(3).fill(`${proxy.url} (HTTP_PROXY)`));
    expect(JSON.stringify(lines)).not.toMatch(/p@ss|p%40ss/);
  });

  it('connects directly to the hosts in NO_PROXY', async () => {
    const { linesOf } = await startBehindProxy({ NO_PROXY: 'exchange.test' });
    await waitFor('a post', () => proxy.asked.some((it) => it.includes('server.test')));
    expect(proxy.asked.filter((it) => it.includes('exchange.test'))).toEqual([]);
    expect(linesOf('connecting through a proxy')).toHaveLength(1);
  });

  it('does not start with an invalid proxy, and names its setting', async () => {
    const { complaints, exited } = await startBehindProxy({
      ALL_PROXY: 'socks5://proxy.example:1080',
      HTTP_PROXY: '',
    });
    await waitFor('the end', exited);
    expect(complaints()).toMatch(/^ALL_PROXY must be the address of an HTTP proxy/);
  });

  it('connects to an exchange with TLS through tunnels, and verifies its certificate', async () => {
    const certificate = createTempDir();
    const { cert, key } = createCertificate(certificate.path, 'DNS:exchange.test');
    const tls = await startTlsFrontend({ cert, key, to: Number(new URL(simulator.restUrl).port) });
    const host = `exchange.test:${tls.port}`;
    const answered = () => simulator.stats().totals.answers['/fapi/v1/exchangeInfo']?.['200'] ?? 0;
    const before = answered();
    try {
      const { linesOf } = await startBehindProxy({
        BINANCE_REST_URL: `https://${host}`,
        BINANCE_WS_URL: `wss://${host}`,
        NODE_EXTRA_CA_CERTS: cert,
      });
      await waitFor('prices', () => linesOf('mark price stream connected').length > 0);
      await waitFor('an answer over https', () => answered() > before);
      const tunnels = proxy.asked.filter((it) => it.includes('exchange.test'));
      expect(new Set(tunnels)).toEqual(new Set([`CONNECT ${host}`]));

      // This process does not know the authority.
      const outbound = createOutbound({ HTTPS_PROXY: proxy.url });
      const http = createHttpGet({ clock: systemClock, outbound });
      const answer = http.get(`https://${host}/fapi/v1/time`, { timeoutMs: 5_000 });
      await expect(answer).rejects.toThrow(/DEPTH_ZERO_SELF_SIGNED_CERT/);
      await outbound.close();
    } finally {
      await tls.close();
      certificate.remove();
    }
  });
});

/** Terminates TLS, for https and wss, and passes on what is inside. */
async function startTlsFrontend({ cert, key, to }: { cert: string; key: string; to: number }) {
  const clients = new Set<net.Socket>();
  const frontend = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
    const onwards = net.connect(to, '127.0.0.1');
    clients.add(client);
    client.on('close', () => onwards.destroy()).on('error', () => onwards.destroy());
    onwards.on('close', () => client.destroy()).on('error', () => client.destroy());
    client.pipe(onwards).pipe(client);
  });
  // A client that refuses the certificate ends the handshake.
  frontend.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => frontend.listen(0, '127.0.0.1', resolve));
  return {
    port: (frontend.address() as AddressInfo).port,
    async close() {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => frontend.close(resolve));
    },
  };
}
