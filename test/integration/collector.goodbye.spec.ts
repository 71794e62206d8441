import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CollectorHeartbeat } from '../../src/openInterest/openInterest.heartbeat.types.ts';
import { EXCHANGE_ATTEMPT_MS } from '../../src/kit/addressAttempts.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.server.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];

let simulator: Simulator;
let server: Server;
let dir: ReturnType<typeof createTempDir>;
let beats: CollectorHeartbeat[];

beforeAll(async () => {
  simulator = await startSimulator();
  dir = createTempDir();
  beats = [];
  server = createServer((request, response) => {
    const route = request.url!.split('?')[0]!;
    response.setHeader('Content-Type', 'application/json');
    void text(request).then((body) => {
      if (route.endsWith('/liquid-universe')) {
        const symbols = SYMBOLS.map((symbol) => ({ symbol, quoteVolume24h: 5e9 }));
        const iso = new Date().toISOString();
        const member = { enteredAt: iso, lastSeenAt: iso, estimatedPollIntervalSec: 5 };
        response.end(
          JSON.stringify({
            updatedAt: iso,
            enterThreshold: 4e6,
            exitThreshold: 2e6,
            symbols: symbols.map((it) => ({ ...it, ...member })),
            totalSymbols: symbols.length,
          }),
        );
      } else if (route.endsWith('/heartbeat')) {
        beats.push(CollectorHeartbeat.parse(JSON.parse(body)));
        response.end('{"success":true}');
      } else {
        response.writeHead(503).end('{"error":{"code":"database_unavailable","message":"later"}}');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await simulator.close();
  dir.remove();
});

it('D2 says goodbye after everything else has stopped, with what stays in the spool', async () => {
  const collector = await startTestCollector({
    simulator,
    serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stateDir: dir.path,
    jobs: ['mark-prices', 'poller'],
  });
  // Every connect of this process waits so long for one of several addresses.
  expect(net.getDefaultAutoSelectFamilyAttemptTimeout()).toBe(EXCHANGE_ATTEMPT_MS);
  await waitFor('samples that wait', () => (collector.status().spool?.waiting ?? 0) >= SYMBOLS.length);
  await collector.stop();
  const last = beats.at(-1)!;
  expect(last).toMatchObject({ stopping: true, jobs: [] });
  expect(last.spool!.bytes).toBeGreaterThan(0);
  expect(beats.filter((it) => it.stopping)).toHaveLength(1);
}, 60_000);
