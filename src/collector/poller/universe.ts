import { z } from 'zod';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError } from '../../kit/errors.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import type { ServerClient } from '../server/client.ts';
import type { KeyValue } from '../store/keyValue.repository.ts';

const EVERY_MS = 30 * SECOND_MS;
/** Until there is a universe at all. */
const EAGER_MS = 2 * SECOND_MS;
const KEY = 'liquid universe';

type FeedOptions = {
  server: Pick<ServerClient, 'selectUniverse'>;
  keyValue: KeyValue;
  clock: Clock;
  logger: Logger;
};

type Context = FeedOptions & {
  signal: AbortSignal;
  symbols: readonly string[];
  members: ReadonlySet<string>;
  isFailing: boolean;
  onChange: (symbols: readonly string[]) => void;
  reading: Promise<void> | null;
};

export type UniverseFeed = ReturnType<typeof createUniverseFeed>;

/**
 * The liquid universe of the server, refreshed by polling. The last one survives a restart, so that polling the exchange
 * continues while the server is down. An empty or missing answer changes nothing: a universe that vanishes is a fault.
 */
export function createUniverseFeed(options: FeedOptions) {
  const { keyValue, clock, logger } = options;
  const stopping = new AbortController();
  const context: Context = {
    ...options,
    signal: stopping.signal,
    symbols: [],
    members: new Set(),
    isFailing: false,
    onChange: () => undefined,
    reading: null,
  };
  let loop: Loop | null = null;
  let cancelSoon: (() => void) | null = null;

  return {
    symbols: () => context.symbols,
    has: (symbol: string) => context.members.has(symbol),
    /** The universe may have changed: read it within a second. */
    readSoon(): void {
      cancelSoon ??= clock.after(SECOND_MS, () => {
        cancelSoon = null;
        void readOnce(context);
      });
    },
    /** Calls `onChange` with the symbols whenever they change, and now if any are known. */
    start(onChange: (symbols: readonly string[]) => void): void {
      context.onChange = onChange;
      update(context, keyValue.selectOptional(KEY, z.array(z.string())) ?? []);
      loop = startLoop({
        clock,
        everyMs: () => (context.symbols.length === 0 ? EAGER_MS : EVERY_MS),
        task: () => readOnce(context),
        onError: (err) => logger.warn({ err }, 'cannot read the universe'),
        immediately: true,
      });
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('the universe is no longer needed'));
      cancelSoon?.();
      await loop?.stop();
      await context.reading;
    },
  };
}

function readOnce(context: Context): Promise<void> {
  context.reading ??= read(context).finally(() => {
    context.reading = null;
  });
  return context.reading;
}

async function read(context: Context): Promise<void> {
  const { server, signal, logger } = context;
  try {
    const universe = await server.selectUniverse(signal);
    if (context.isFailing) logger.info('universe can be read again');
    context.isFailing = false;
    const symbols = universe.symbols.map((it) => it.symbol);
    if (symbols.length === 0) return;
    update(context, symbols);
    store(context);
  } catch (thrown) {
    if (signal.aborted) return;
    const { symbols, isFailing } = context;
    if (!isFailing)
      logger.warn({ err: coerceError(thrown), known: symbols.length }, 'cannot read the universe');
    context.isFailing = true;
  }
}

function update(context: Context, next: readonly string[]): void {
  const { symbols, members } = context;
  const isSame = next.length === symbols.length && next.every((it) => members.has(it));
  context.symbols = next;
  if (isSame) return;
  context.members = new Set(next);
  context.onChange(next);
}

/** If the disk refuses, only a restart while the server is down misses it. */
function store({ keyValue, symbols, logger }: Context): void {
  try {
    keyValue.put(KEY, symbols);
  } catch (thrown) {
    logger.warn({ err: coerceError(thrown) }, 'cannot store the universe');
  }
}
