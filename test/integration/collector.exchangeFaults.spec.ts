import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunningCollector } from '../../src/collector/buildCollector.ts';
import { MINUTE_MS } from '../../src/kit/clock.ts';
import { createLogger } from '../../src/kit/logger.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import type { FaultChange } from '../../src/simulator/faults/faults.types.ts';
import { startStubServer, type StubServer } from '../support/stubServer.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';
import { withOpened } from '../support/withOpened.ts';

const simulator = withOpened(startSimulator, 'close');
let server: StubServer;
let collector: RunningCollector;
let dir: ReturnType<typeof createTempDir>;
let lines: Record<string, unknown>[];

beforeAll(async () => {
  const symbols = simulator.market
    .contracts()
    .filter((it) => it.contractType === 'PERPETUAL' && it.status === 'TRADING')
    .slice(0, 20)
    .map((it) => it.symbol);
  server = await startStubServer({ symbols });
});
beforeEach(async () => {
  dir = createTempDir();
  lines = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  collector = await startTestCollector({
    simulator,
    serverUrl: server.url,
    stateDir: dir.path,
    logger: createLogger({ level: 'warn', name: 'collector', destination }),
    env: { OI_MAX_INTERVAL_SEC: '5' },
  });
  await waitFor('a poller that is well', () => job('poller').ok! >= 20, { timeoutMs: 90_000 });
});
afterEach(async () => {
  simulator.faults.apply({ reset: true });
  await collector.stop();
  dir.remove();
});
afterAll(() => server.close());

const job = (name: string) => collector.status().jobs.find((it) => it.name === name)!;

describe('a collector with a failing exchange', () => {
  it.each([
    [403, /firewall refuses this address \(403\)/],
    [451, /does not serve the country of this address \(451\)/],
  ] as const)(
    'reports immediately, for every job that waits, that %i refuses its address',
    async (errorStatus, note) => {
      simulator.faults.apply({ errorRate: 1, errorStatus });
      await waitFor('the refusal', () => job('poller').blockedBy === 'exchange_address');
      for (const name of ['poller', 'liquid-universe']) {
        const status = job(name);
        expect(status).toMatchObject({
          state: 'down',
          blockedBy: 'exchange_address',
          note: expect.stringMatching(note),
        });
        expect(status.waitsUntil).toBeGreaterThan(Date.now());
      }
      expect(job('backfill').state).toBe('slow');
      expect(job('mark-prices').state).toBe('up');
      await waitFor('a beat that carries it', () => server.beats.at(-1)!.jobs.some((it) => it.blockedBy));
    },
  );

  const cases: [string, FaultChange, RegExp][] = [
    [
      '503',
      { errorRate: 1, errorStatus: 503 },
      /20 of 20 symbols not read: .*answered 503.* \(last of \d+ in a minute\)/,
    ],
    ['silence', { hangRate: 1 }, /20 of 20 symbols not read: .*no answer in 5 s \(last of \d+ in a minute\)/],
  ];
  it.each(cases)('reports the last error and its count: %s', async (_what, fault, note) => {
    simulator.faults.apply({ ...fault, onlyPaths: ['/fapi/v1/openInterest'] });
    await waitFor('a poller that is down', () => note.test(job('poller').note ?? ''));
    expect(job('poller')).toMatchObject({ state: 'down', ok: 0, lastError: { count: expect.any(Number) } });
    const logged = lines.filter((it) => it['msg'] === 'cannot read symbols');
    expect(logged.length).toBeGreaterThanOrEqual(1);
    expect(logged.length).toBeLessThanOrEqual(3);
    expect(logged[0]!['reason']).toMatch(/503|no answer in 5 s/);
  });

  it('reports that another program on its address has used up the weight', async () => {
    const address = '127.0.0.1';
    /** Short of the exchange's own limit, beyond which it bans. */
    const spendRest = () => {
      const { acceptedWeight = 0, minute = 0 } = simulator.stats().minutes.at(-1) ?? {};
      const used = minute + MINUTE_MS > Date.now() ? acceptedWeight : 0;
      if (used < 2_280) simulator.faults.apply({ spend: { address, weight: 2_280 - used } });
    };
    // All of it at once: a new minute ends the wait.
    await waitFor('a poller that waits for weight used by others', () => {
      spendRest();
      const { blockedBy, note, state } = job('poller');
      return (
        ['exchange_weight', 'exchange_limit'].includes(blockedBy ?? '') &&
        state !== 'up' &&
        /weight a minute: ours \d+, others [\d,]+ of 2,400/.test(note ?? '') &&
        (collector.status().budget?.othersWeight ?? 0) > 1_500
      );
    });
  });
});
