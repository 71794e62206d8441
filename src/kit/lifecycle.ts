import { coerceError } from './errors.ts';
import type { Logger } from './logger.ts';

export type Releasers = {
  /** Whatever was opened pushes its own close; they run last opened, first closed. */
  push(name: string, release: () => unknown): void;
  /** Runs every release once, in reverse order; a failing one does not keep the others from running. */
  releaseAll(): Promise<void>;
};

export function createReleasers(logger: Logger): Releasers {
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
    push(name, release) {
      stack.push({ name, release });
    },
    releaseAll() {
      releasing ??= run();
      return releasing;
    },
  };
}

/**
 * Ends the process in order on SIGTERM or SIGINT: `stop` gets `deadlineMs`, then the process ends anyway. A second
 * signal ends it at once. A fault that nobody caught ends it too, because its state can no longer be trusted.
 */
export function endOnSignals(options: {
  logger: Logger;
  stop: () => Promise<void>;
  deadlineMs: number;
}): void {
  const { logger, stop, deadlineMs } = options;
  let stopping = false;

  function end(code: number): void {
    // eslint-disable-next-line -- the one place that ends the process
    process.exit(code);
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (stopping) {
      logger.warn({ signal }, 'second signal, ending at once');
      end(1);
      return;
    }
    stopping = true;
    const startedAt = performance.now();
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error({ deadlineMs }, 'stop took too long, ending anyway');
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
      logger.fatal({ err: coerceError(thrown), event }, 'uncaught fault, ending');
      end(1);
    });
  }
}
