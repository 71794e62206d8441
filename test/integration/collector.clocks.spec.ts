import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { DEAD_LETTER_FILE } from '../../src/collector/spool/deadLetters.ts';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { createJumpClock } from '../support/jumpClock.ts';
import { waitFor } from '../support/waitFor.ts';
import { withCollector } from '../support/withServer.ts';

/** The server's clock is ten minutes behind that of collector and exchange. */
const clock = createJumpClock(Date.now() - 10 * MINUTE_MS);
const { dir, collector } = withCollector({ clock });

it('Q1 loses nothing to a server whose clock is behind, and reports the waiting samples', async () => {
  const spool = () => collector.status().spool!;
  await waitFor('samples that wait for the clock', () => spool().waitingForTime > 50, { timeoutMs: 90_000 });
  expect(spool()).toMatchObject({ refused: 0, dead: 0 });
  // History of more than ten minutes ago is not ahead of the server's clock.
  const deliveredBefore = spool().delivered;
  clock.jump(10 * MINUTE_MS);
  await waitFor('all of them to be taken', () => spool().waitingForTime === 0, { timeoutMs: 120_000 });
  expect(spool()).toMatchObject({ refused: 0, dead: 0, dropped: 0 });
  expect(spool().delivered - deliveredBefore).toBeGreaterThan(50);
  expect(existsSync(path.join(dir.path, DEAD_LETTER_FILE))).toBe(false);
}, 240_000);
