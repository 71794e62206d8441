import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemd, type Systemd } from '../../../../src/collector/process/systemd.ts';
import { systemClock } from '../../../../src/kit/clock.ts';
import { silentLogger } from '../../../support/silentLogger.ts';
import { createTempDir } from '../../../support/tempDir.ts';
import { waitFor } from '../../../support/waitFor.ts';
import { withEach } from '../../../support/withOpened.ts';

describe('systemd notifications', () => {
  const dir = withEach(createTempDir, 'remove');
  let systemd: Systemd;
  let isAlive: boolean;

  beforeEach(() => {
    isAlive = true;
    // Replaces systemd-notify and records its arguments.
    writeFileSync(`${dir.path}/systemd-notify`, `#!/bin/sh\necho "$@" >> ${dir.path}/notified\n`, {
      mode: 0o755,
    });
  });
  afterEach(() => systemd.stop());

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

  const notified = () =>
    (existsSync(`${dir.path}/notified`) ? readFileSync(`${dir.path}/notified`, 'utf8') : '').split('\n');
  const beats = () => notified().filter((it) => it.startsWith('WATCHDOG=1')).length;

  it('report readiness, status and the watchdog twice as often as required', async () => {
    start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '400000' });
    await waitFor('beats', () => beats() >= 3);
    expect(notified()).toContain('--ready --status=poller up');
    isAlive = false;
    await waitFor('the last beat', async () => {
      const before = beats();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return beats() === before;
    });
    systemd.stopping();
    await waitFor('the end', () => notified().includes('STOPPING=1'));
  });

  it('omit the watchdog when none is set or when it belongs to another process', async () => {
    start({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '100000', WATCHDOG_PID: '1' });
    await waitFor('readiness', () => notified().includes('--ready --status=poller up'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(beats()).toBe(0);
  });

  it('are skipped without systemd, and fail silently when its program is missing', async () => {
    start({});
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(existsSync(`${dir.path}/notified`)).toBe(false);
    start({ NOTIFY_SOCKET: '/run/notify', PATH: '/nowhere', WATCHDOG_USEC: '100000' });
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
});
