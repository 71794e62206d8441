import { execFile } from 'node:child_process';
import { coerceError } from '../../kit/errors.ts';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';

const NOTIFY_TIMEOUT_MS = 5 * SECOND_MS;

export type Systemd = ReturnType<typeof createSystemd>;

/**
 * Notifies systemd of the process's state (`Type=notify`, `WatchdogSec`). Node has no local datagram sockets, so the program
 * `systemd-notify` sends the message, for which the unit needs `NotifyAccess=all`. Without systemd (no NOTIFY_SOCKET) it
 * does nothing.
 */
export function createSystemd(options: {
  env: Readonly<Record<string, string | undefined>>;
  /** While false, the watchdog is not notified and systemd restarts the process. */
  isAlive: () => boolean;
  /** One line for `systemctl status`. */
  describe: () => string;
  clock: Clock;
  logger: Logger;
}) {
  const { env, isAlive, clock, logger } = options;
  const isUnderSystemd = (env['NOTIFY_SOCKET'] ?? '') !== '';
  // For this process, not one that started it.
  const isForUs = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(process.pid);
  const watchdogMs = isForUs ? Number(env['WATCHDOG_USEC'] ?? 0) / 1_000 : 0;
  let loop: Loop | null = null;

  function notify(...messages: string[]): Promise<void> {
    if (!isUnderSystemd) return Promise.resolve();
    return new Promise((resolve) => {
      execFile('systemd-notify', messages, { env, timeout: NOTIFY_TIMEOUT_MS }, (error) => {
        if (error) logger.warn({ err: coerceError(error) }, 'cannot notify systemd');
        resolve();
      });
    });
  }

  return {
    ready(): void {
      void notify('--ready', `--status=${options.describe()}`);
      if (!isUnderSystemd || !(watchdogMs > 0)) return;
      loop = startLoop({
        clock,
        // Twice as often as it must be, as systemd advises.
        everyMs: watchdogMs / 2,
        task: async () => {
          const status = `--status=${options.describe()}`;
          if (isAlive()) await notify('WATCHDOG=1', status);
          else logger.error('poller has stopped, waiting for the watchdog to restart the process');
        },
        onError: (err) => logger.warn({ err }, 'cannot notify systemd'),
        immediately: true,
      });
    },
    stopping: () => void notify('STOPPING=1'),
    async stop(): Promise<void> {
      await loop?.stop();
    },
  };
}
