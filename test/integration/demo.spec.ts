import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BoardBody } from '../../src/openInterest/openInterest.types.ts';
import type { SimulatorStats } from '../../src/simulator/faults/stats.types.ts';
import { childProcesses } from '../support/childProcesses.ts';
import { programFile } from '../support/programs.ts';
import { openSocket } from '../support/sockets.ts';
import { createTempDir } from '../support/tempDir.ts';
import { waitFor } from '../support/waitFor.ts';

const SYMBOLS = 90;

/** As a newcomer starts it, but with fewer symbols and a faster market. */
describe('npm run demo', () => {
  const dir = createTempDir();
  let demo: ChildProcess;
  let output = '';

  /** The VALUE of the line `name  VALUE`. */
  function printed(name: string): string {
    return new RegExp(`^${name} {2}(\\S+)$`, 'm').exec(output)![1]!;
  }

  function ask(path: string, headers: Record<string, string>): Promise<Response> {
    return fetch(printed('address').replace('localhost', '127.0.0.1') + path, { headers });
  }

  beforeAll(async () => {
    demo = spawn(
      process.execPath,
      [programFile('dist/demo/main.js'), '--symbols', String(SYMBOLS), '--speed', '20'],
      {
        env: { ...process.env, PORT: '0', DATA_DIR: dir.path, LOG_LEVEL: 'warn' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    demo.stdout!.on('data', (data: Buffer) => (output += data.toString()));
    await waitFor('the last of its lines', () => output.includes('Ctrl-C ends it.'), { timeoutMs: 120_000 });
  });

  afterAll(() => {
    demo.kill('SIGKILL');
    dir.remove();
  });

  it('prints the address, two keys and four tokens, one a line and without colours', () => {
    expect(printed('address')).toMatch(/^http:\/\/localhost:\d+$/);
    expect(printed('operator key')).toMatch(/^oi_operator_/);
    expect(printed('ingest key')).toMatch(/^oi_ingest_/);
    for (const kind of ['pro', 'free', 'elite', 'admin']) {
      expect(printed(`${kind} token`).split('.')).toHaveLength(3);
    }
    expect(output).not.toContain('\u001b');
    expect(output).not.toContain('\r');
  });

  it('has every stage ok, from the exchange to the board, and a day of history', async () => {
    const operator = { 'X-API-Key': printed('operator key') };
    const doctor = await waitFor(
      'a healthy chain',
      async () => {
        const answer = (await (await ask('/debug/doctor?format=json', operator)).json()) as {
          healthy: boolean;
          stages: { stage: string; state: string; text: string }[];
        };
        return answer.healthy ? answer : undefined;
      },
      { everyMs: 500 },
    );
    expect(doctor.stages.map((it) => it.state)).toEqual(doctor.stages.map(() => 'ok'));

    const pro = { Authorization: `Bearer ${printed('pro token')}` };
    const board = (await (await ask('/api/market/open-interest/board', pro)).json()) as BoardBody;
    expect(board.rows.length).toBeGreaterThanOrEqual(SYMBOLS);
    expect(board.universe.unsampled).toEqual([]);
    const bitcoin = board.rows.find((it) => 'symbol' in it && it.symbol === 'BTCUSDT');
    // Contracts over 5 minutes, 15 minutes, an hour and a day: none is unknown.
    expect(bitcoin).toMatchObject({ d: expect.arrayContaining([expect.any(Number)]) });
    expect((bitcoin as { d: unknown[] }).d).not.toContain(null);
  });

  it('pushes updates, and each spike and dump once, as it is stored', async () => {
    const pro = openSocket(printed('address').replace('localhost', '127.0.0.1'), {
      token: printed('pro token'),
    });
    try {
      await waitFor('an update', () => pro.updates.length > 0);
      await waitFor(
        'a spike and a dump',
        () => new Set(pro.alerts.map((it) => it.direction)).size === 2,
        // What the demo promises.
        { timeoutMs: 120_000, everyMs: 200 },
      );
      const ids = pro.alerts.map((it) => it.id);
      expect(new Set(ids).size).toBe(ids.length);
      const answer = await ask('/api/open-interest-alerts?limit=100', {
        'X-API-Key': printed('operator key'),
      });
      const { alerts } = (await answer.json()) as { alerts: { id: string }[] };
      expect(alerts.map((it) => it.id)).toEqual(expect.arrayContaining(ids));
    } finally {
      pro.close();
    }
  });

  it('sends what the sample rules fire to its receiver, which verifies each signature', async () => {
    const [, receiver] = /(http:\/\/127\.0\.0\.1:\d+) receives/.exec(output)!;
    const page = await waitFor(
      'alerts at the receiver',
      async () => {
        const text = await (await fetch(receiver!)).text();
        return text.includes('<td>alert.fired</td>') ? text : undefined;
      },
      { timeoutMs: 120_000, everyMs: 200 },
    );
    expect(page).toMatch(/<td>(Large moves|Build-up at a flat price|Unwinding of large positions)<\/td>/);
    const forged = await fetch(receiver!, {
      method: 'POST',
      headers: { 'webhook-id': 'forged', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' },
      body: '{}',
    });
    expect(forged.status).toBe(401);
    expect(await (await fetch(receiver!)).text()).not.toContain('forged');
  });

  it("stays within the weights of the exchange, by the exchange's own count", async () => {
    const [, url] = /curl (\S+\/simulator\/stats)/.exec(output)!;
    const stats = (await (await fetch(url!)).json()) as SimulatorStats;
    expect(stats.totals.requests).toBeGreaterThan(SYMBOLS);
    expect(stats.totals.refused + stats.totals.duringBan).toBe(0);
    for (const { acceptedWeight } of stats.minutes) expect(acceptedWeight).toBeLessThanOrEqual(2_000);
  });

  it('ends on Ctrl-C with everything it has started', async () => {
    const children = childProcesses(demo.pid!);
    expect(children.length).toBeGreaterThan(0);
    demo.kill('SIGINT');
    expect(await once(demo, 'exit')).toEqual([0, null]);
    await waitFor('the end of its database', () => !children.some(isRunning));
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
