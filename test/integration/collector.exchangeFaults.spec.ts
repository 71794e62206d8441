import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunningCollector } from '../../src/collector/buildCollector.ts';
import { createLogger } from '../../src/kit/logger.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import type { FaultChange } from '../../src/simulator/faults/faults.types.ts';
import { startStubServer, type StubServer } from '../support/stubServer.ts';
import { createTempDir } from '../support/tempDir.ts';
import { startTestCollector } from '../support/testCollector.ts';
import { waitFor } from '../support/waitFor.ts';

let simulator: Simulator;
let server: StubServer;
let collector: RunningCollector;
let dir: ReturnType<typeof createTempDir>;
let lines: Record<string, unknown>[];

beforeAll(async () => {
  simulator = await startSimulator();
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
afterAll(async () => {
  await server.close();
  await simulator.close();
});

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
    const told = lines.filter((it) => it['msg'] === 'cannot read symbols');
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told[0]!['reason']).toMatch(/503|no answer in 5 s/);
  });

  it('reports that another program on its address has used up the weight', async () => {
    const spend = async () => {
      const answer = await fetch(`${simulator.restUrl}/fapi/v1/ticker/24hr`);
      await answer.arrayBuffer();
      return Number(answer.headers.get('x-mbx-used-weight-1m'));
    };
    // Short of the exchange's own limit: beyond it would be a ban.
    const spendMuch = async () => {
      for (let used = await spend(); used < 2_280; used = await spend());
    };
    const blocked = () => ['exchange_weight', 'exchange_limit'].includes(job('poller').blockedBy ?? '');
    await waitFor(
      'a poller that is kept waiting',
      async () => {
        if (!blocked()) await spendMuch();
        return blocked();
      },
      { timeoutMs: 90_000, everyMs: 1_000 },
    );
    const { note, state } = await waitFor('a poller that waits', () => (blocked() ? job('poller') : null));
    expect(state).not.toBe('up');
    expect(note).toMatch(/weight a minute: ours \d+, others [\d,]+ of 2,400/);
    expect(collector.status().budget!.othersWeight).toBeGreaterThan(1_500);
  });
});
