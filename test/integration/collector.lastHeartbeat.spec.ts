import net from 'node:net';
import { expect, it } from '@jest/globals';
import { EXCHANGE_ATTEMPT_MS } from '../../src/kit/addressAttempts.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { startStubServer } from '../support/stubServer.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

const symbols = ['BTCUSDT', 'ETHUSDT'];

const later = { status: 503, body: { error: { code: 'database_unavailable', message: 'later' } } };

const simulator = withOpened(startSimulator, 'close');
const dir = withOpened(createTempDir, 'remove');
const server = withOpened(
  () => startStubServer({ symbols, answer: (path) => (path.endsWith('/ingest') ? later : null) }),
  'close',
);

it('D2 sends its last heartbeat after everything else has stopped, with the remaining spool', async () => {
  const collector = await startTestCollector({
    simulator,
    serverUrl: server.url,
    stateDir: dir.path,
    jobs: ['mark-prices', 'poller', 'backfill'],
  });
  // The process-wide timeout of a connect to one of several addresses.
  expect(net.getDefaultAutoSelectFamilyAttemptTimeout()).toBe(EXCHANGE_ATTEMPT_MS);
  await waitFor('samples that wait', () => (collector.status().spool?.waiting ?? 0) >= symbols.length);
  await collector.stop();
  const last = server.beats.at(-1)!;
  expect(last).toMatchObject({ stopping: true, jobs: [] });
  expect(last.spool!.bytes).toBeGreaterThan(0);
  expect(server.beats.filter((it) => it.stopping)).toHaveLength(1);
});
