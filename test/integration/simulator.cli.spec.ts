import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { programFile } from '../support/programs.ts';
import { waitFor } from '../support/waitFor.ts';

const ARGUMENTS = [programFile('dist/simulator/main.js')];

describe('npm run simulator', () => {
  let child: ChildProcess | undefined;

  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it('prints its address, starts at the given time and speed, and ends on SIGTERM', async () => {
    const startAt = '2026-10-01T00:00:00Z';
    child = spawn(process.execPath, ARGUMENTS, {
      env: { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_START_AT: startAt, SIMULATOR_SPEED: '60' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout!.on('data', (data: Buffer) => (output += data.toString()));
    const [, url] = await waitFor('its address', () =>
      /exchange {2}(http:\/\/127\.0\.0\.1:\d+) {2}ws:/.exec(output),
    );
    const answer = (await (await fetch(`${url}/fapi/v1/time`)).json()) as { serverTime: number };
    const passedMs = answer.serverTime - Date.parse(startAt);
    expect(passedMs).toBeGreaterThanOrEqual(0);
    expect(passedMs).toBeLessThan(30 * 60_000);
    // A socket that stays open must not keep it from ending.
    const open = new WebSocket(`${url!.replace('http', 'ws')}/market/ws`);
    await once(open, 'open');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('names every invalid setting', () => {
    const { status, stderr } = spawnSync(process.execPath, ARGUMENTS, {
      encoding: 'utf8',
      env: { ...process.env, SIMULATOR_PORT: 'abc', SIMULATOR_SPEED: '-1', SIMULATOR_START_AT: 'noon' },
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/SIMULATOR_PORT: must be a whole number/);
    expect(stderr).toMatch(/SIMULATOR_SPEED: must be a number/);
    expect(stderr).toMatch(/SIMULATOR_START_AT: must be a time/);
  });

  it('reports a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { status, stderr } = spawnSync(process.execPath, ARGUMENTS, {
      encoding: 'utf8',
      env: { ...process.env, SIMULATOR_PORT: String(port) },
    });
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^SIMULATOR_PORT: port ${port} on 127.0.0.1 cannot be opened \\(EADDRINUSE\\); .+\\n$`),
    );
  });
});
