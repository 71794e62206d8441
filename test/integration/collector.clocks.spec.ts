import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RunningCollector } from '../../src/collector/buildCollector.ts';
import { DEAD_LETTER_FILE } from '../../src/collector/spool/deadLetters.ts';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createJumpClock, type JumpClock } from '../support/jumpClock.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** The server's clock is ten minutes behind that of collector and exchange. */
let clock: JumpClock;
let database: TestDatabase;
let server: TestServer;
let simulator: Simulator;
let collector: RunningCollector;
let dir: ReturnType<typeof createTempDir>;

beforeAll(async () => {
  clock = createJumpClock(Date.now() - 10 * MINUTE_MS);
  database = await createTestDatabase();
  server = await startTestServer({ databaseUrl: database.url, clock });
  simulator = await startSimulator();
  dir = createTempDir();
  collector = await startTestCollector({ simulator, serverUrl: server.url, stateDir: dir.path });
}, 90_000);
afterAll(async () => {
  await collector?.stop();
  await simulator?.close();
  await server?.close();
  await database?.drop();
  dir?.remove();
}, 60_000);

it('Q1 loses nothing to a server whose clock is behind, and reports what waits for it', async () => {
  const spool = () => collector.status().spool!;
  await waitFor('samples that wait for the clock', () => spool().waitingForTime > 300, { timeoutMs: 90_000 });
  expect(spool()).toMatchObject({ refused: 0, dead: 0 });
  // History of more than ten minutes ago is not ahead of the server's clock.
  const deliveredBefore = spool().delivered;
  clock.jump(10 * MINUTE_MS);
  await waitFor('all of them to be taken', () => spool().waitingForTime === 0, { timeoutMs: 120_000 });
  expect(spool()).toMatchObject({ refused: 0, dead: 0, dropped: 0 });
  expect(spool().delivered - deliveredBefore).toBeGreaterThan(300);
  expect(existsSync(path.join(dir.path, DEAD_LETTER_FILE))).toBe(false);
}, 240_000);
