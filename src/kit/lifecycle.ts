import { coerceError } from './errors.ts';
import type { Logger } from './logger.ts';

export type Releasers = ReturnType<typeof createReleasers>;

export function createReleasers(logger: Logger) {
  const stack: { name: string; release: () => unknown }[] = [];
  let releasing: Promise<void> | undefined;

  async function run(): Promise<void> {
    for (let next = stack.pop(); next; next = stack.pop()) {
      try {
        await next.release();
      } catch (thrown) {
        logger.warn({ err: coerceError(thrown), what: next.name }, 'release failed');
      }
    }
  }

  return {
    /** Registers the release of something that was opened. */
    push(name: string, release: () => unknown): void {
      stack.push({ name, release });
    },
    /** Runs each release once, in reverse order of opening. A failed one is logged and does not stop the others. */
    releaseAll(): Promise<void> {
      releasing ??= run();
      return releasing;
    },
  };
}

/**
 * Shuts the process down on SIGTERM or SIGINT: calls `stop` and exits when it settles, or after `deadlineMs`. A second
 * signal exits immediately, and so does an uncaught error, because the state of the process is then unknown.
 */
export function endOnSignals(options: {
  logger: Logger;
  stop: () => Promise<void>;
  deadlineMs: number;
}): void {
  const { logger, stop, deadlineMs } = options;
  let stopping = false;

  function end(code: number): void {
    process.exit(code);
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (stopping) {
      logger.warn({ signal }, 'second signal, exiting immediately');
      end(1);
      return;
    }
    stopping = true;
    const startedAt = performance.now();
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error({ deadlineMs }, 'stop timed out, exiting');
      end(1);
    }, deadlineMs).unref();
    stop().then(
      () => {
        logger.info({ ms: Math.round(performance.now() - startedAt) }, 'stopped');
        end(0);
      },
      (thrown: unknown) => {
        logger.error({ err: coerceError(thrown) }, 'stop failed');
        end(1);
      },
    );
  }

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      logger.fatal({ err: coerceError(thrown), event }, 'uncaught error, exiting');
      end(1);
    });
  }
}
