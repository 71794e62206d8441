import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { ServerClient } from '../server/client.ts';
import type { Keepsakes } from '../store/keepsakes.repository.ts';

const EVERY_MS = 30 * SECOND_MS;
/** Until there is a universe at all. */
const EAGER_MS = 2 * SECOND_MS;
const KEEPSAKE = 'liquid universe';

export type UniverseFeed = ReturnType<typeof createUniverseFeed>;

/**
 * The liquid universe as the server has it, read again and again. What was read last outlives a restart, so that polling
 * goes on while the server is away. An empty answer or none changes nothing: a universe that vanishes is a fault.
 */
export function createUniverseFeed(options: {
  server: Pick<ServerClient, 'selectUniverse'>;
  keepsakes: Keepsakes;
  clock: Clock;
  logger: Logger;
}) {
  const { server, keepsakes, clock, logger } = options;
  const stopping = new AbortController();
  let symbols: readonly string[] = [];
  let members: ReadonlySet<string> = new Set();
  let isFailing = false;
  let tell: (symbols: readonly string[]) => void = () => undefined;
  let loop: Loop | null = null;
  let reading: Promise<void> | null = null;
  let cancelSoon: (() => void) | null = null;

  function take(next: readonly string[]): void {
    const isSame = next.length === symbols.length && next.every((it) => members.has(it));
    symbols = next;
    if (isSame) return;
    members = new Set(next);
    tell(symbols);
  }

  async function read(): Promise<void> {
    try {
      const universe = await server.selectUniverse(stopping.signal);
      if (isFailing) logger.info('the universe can be read again');
      isFailing = false;
      const next = universe.symbols.map((it) => it.symbol);
      if (next.length === 0) return;
      take(next);
      keep(next);
    } catch (thrown) {
      if (stopping.signal.aborted) return;
      if (!isFailing)
        logger.warn({ err: coerceError(thrown), kept: symbols.length }, 'the universe cannot be read');
      isFailing = true;
    }
  }

  /** A disk that refuses costs what a restart beside an absent server would know. */
  function keep(names: readonly string[]): void {
    try {
      keepsakes.put(KEEPSAKE, names);
    } catch (thrown) {
      logger.warn({ err: coerceError(thrown) }, 'the universe cannot be kept over a restart');
    }
  }

  function readOnce(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  return {
    symbols: () => symbols,
    has: (symbol: string) => members.has(symbol),
    /** Something has happened to the universe: read it soon. */
    readSoon(): void {
      cancelSoon ??= clock.after(SECOND_MS, () => {
        cancelSoon = null;
        void readOnce();
      });
    },
    /** Called with the new symbols whenever they have changed, and once at the start if any are known. */
    start(onChange: (symbols: readonly string[]) => void): void {
      tell = onChange;
      take(keepsakes.selectOptional(KEEPSAKE, z.array(z.string())) ?? []);
      loop = startLoop({
        clock,
        everyMs: () => (symbols.length === 0 ? EAGER_MS : EVERY_MS),
        task: readOnce,
        onError: (err) => logger.warn({ err }, 'the universe cannot be read'),
        immediately: true,
      });
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the universe is not needed any more'));
      cancelSoon?.();
      await loop?.stop();
      await reading;
    },
  };
}
