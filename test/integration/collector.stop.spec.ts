import path from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { RequestListener } from 'node:http';
import { expect, it } from '@jest/globals';
import { JOB_NAMES } from '../../src/collector/jobs.ts';
import { STORE_FILE } from '../../src/collector/store/database.ts';
import { SECOND_MS, systemClock, type Clock } from '../../src/kit/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startHttp } from '../support/startHttp.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { OPERATOR_KEY } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

/** No call to the server ends by its timeout: waiting for one would never end. */
const clock: Clock = {
  now: systemClock.now,
  after: (delayMs, task) => (delayMs === 10 * SECOND_MS ? () => undefined : systemClock.after(delayMs, task)),
};

const UNIVERSE = {
  updatedAt: new Date().toISOString(),
  enterThreshold: 4e6,
  exitThreshold: 2e6,
  symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'].map((symbol) => ({
    symbol,
    quoteVolume24h: 5e9,
    enteredAt: new Date().toISOString(),
    lastSeenAt: new Date().toISOString(),
    estimatedPollIntervalSec: 5,
  })),
  totalSymbols: 3,
};

const simulator = withOpened(startSimulator, 'close');
const dir = withOpened(createTempDir, 'remove');
/** Requests without a response. */
let hanging: string[] = [];
const handle: RequestListener = (request, response) => {
  const route = request.url!.split('?')[0]!.replace('/api/', '');
  if (route.endsWith('/liquid-universe')) {
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(UNIVERSE));
    return;
  }
  hanging.push(route);
  // The connection closes when the client aborts.
  request.socket.once('close', () => (hanging = hanging.filter((it) => it !== route)));
  request.resume();
};
const server = withOpened(() => startHttp(handle), 'close');

it('D2 stops beside a server that does not answer: requests are aborted, the spool is kept', async () => {
  const collector = await startTestCollector({
    simulator,
    serverUrl: server.url,
    stateDir: dir.path,
    jobs: JOB_NAMES,
    env: { VOLSPIKE_HISTORY_KEY: OPERATOR_KEY },
    clock,
  });
  const asked = [
    'collectors/heartbeat',
    'market/open-interest/ingest',
    'market/open-interest/liquid-universe/update',
    'market/open-interest/samples',
    'market/open-interest/snapshot',
  ];
  await waitFor('every kind of call to hang', () => asked.every((route) => hanging.includes(route)));
  await collector.stop();
  const store = new DatabaseSync(path.join(dir.path, STORE_FILE), { readOnly: true });
  expect(store.prepare('select count(*) > 0 as waits from item').get()).toEqual({ waits: 1 });
  store.close();
  await waitFor('the connections to be given up', () => hanging.length === 0);
});
