import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemd, type Systemd } from '../../../../src/collector/process/systemd.ts';
import { systemClock } from '../../../../src/kit/clock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { waitFor } from '../../../support/waitFor.ts';

describe('what systemd is told', () => {
  let dir: ReturnType<typeof createTempDir>;
  let systemd: Systemd;
  let isAlive: boolean;

  beforeEach(() => {
    dir = createTempDir();
    isAlive = true;
    // Stands where systemd-notify stands, and writes down what it is called with.
    writeFileSync(`${dir.path}/systemd-notify`, `#!/bin/sh\necho "$@" >> ${dir.path}/told\n`, {
      mode: 0o755,
    });
  });
  afterEach(async () => {
    await systemd.stop();
    dir.remove();
  });

  function start(env: Record<string, string>): void {
    systemd = createSystemd({
      env: { PATH: `${dir.path}:/usr/bin:/bin`, ...env },
      isAlive: () => isAlive,
      describe: () => 'poller up',
      clock: systemClock,
      logger: silentLogger,
    });
    systemd.ready();
  }

  const told = () =>
    (existsSync(`${dir.path}/told`) ? readFileSync(`${dir.path}/told`, 'utf8') : '').split('\n');
  const beats = () => told().filter((it) => it.startsWith('WATCHDOG=1')).length;

  it('that it is ready and how it does, and as long as it lives that it lives, twice as often as it must', async () => {
    start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '400000' });
    await waitFor('beats', () => beats() >= 3);
    expect(told()).toContain('--ready --status=poller up');
    isAlive = false;
    await waitFor('the last beat', async () => {
      const before = beats();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return beats() === before;
    });
    systemd.stopping();
    await waitFor('the end', () => told().includes('STOPPING=1'));
  });

  it('sends no sign of life when no watchdog waits for one, or when it waits for another process', async () => {
    start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' });
    await waitFor('readiness', () => told().includes('--ready --status=poller up'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(beats()).toBe(0);
  });

  it('nothing where there is no systemd, and no fault where its program is missing', async () => {
    start({});
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(existsSync(`${dir.path}/told`)).toBe(false);
    start({ NOTIFY_SOCKET: '/run/notify', PATH: '/nowhere', WATCHDOG_USEC: '100000' });
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
});
