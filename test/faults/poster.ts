import { systemClock } from '../../src/kit/clock.ts';
import { sleep } from '../../src/kit/sleep.ts';
import { anItem, type ChunkItem } from '../support/builders.ts';
import { INGEST_KEY } from '../support/testServer.ts';

const BASE = '/api/market/open-interest';
const UNIVERSE_EVERY_MS = 240_000;

/** How a poller posts; each part can be made wrong alone. */
export type Manners = {
  key: string;
  contentType: string;
  everyMs: number;
  /** Items of one chunk; the symbols are spread over as many chunks as it takes. */
  chunkSize: number;
  /** False: this chunk of the sweep never leaves. */
  sends: (chunk: number) => boolean;
  symbols: readonly string[];
  item: (symbol: string) => ChunkItem;
  /** How far this poller's clock is ahead. */
  clockAheadMs: number;
};

export type Poster = {
  /** Goes on with these manners, the others as they were when it was started. */
  behave(manners: Partial<Manners>): void;
  /** Answers of each status since the last `behave`. */
  answered(): ReadonlyMap<number, number>;
  stop(): Promise<void>;
};

/** A poller of the original's kind: it names the universe, posts sweep after sweep and says nothing of itself. */
export function startPoster({ url, manners: given }: { url: string; manners: Partial<Manners> }): Poster {
  const usual: Manners = {
    key: INGEST_KEY,
    contentType: 'application/json',
    everyMs: 5_000,
    chunkSize: 10,
    sends: () => true,
    symbols: [],
    item: (symbol) => anItem(symbol),
    clockAheadMs: 0,
    ...given,
  };
  let manners = usual;
  const answered = new Map<number, number>();
  const stopping = new AbortController();
  let waiting = new AbortController();

  async function run(): Promise<void> {
    const { signal } = stopping;
    let namedAt = -Infinity;
    while (!signal.aborted) {
      if (performance.now() - namedAt > UNIVERSE_EVERY_MS) {
        const named = usual.symbols.map((symbol) => ({ symbol, quoteVolume24h: 10_000_000 }));
        const status = await post(`${url}${BASE}/liquid-universe/update`, { symbols: named }, usual, signal);
        if (status === 200) namedAt = performance.now();
      }
      for (const chunk of sweep(manners)) {
        const status = await post(`${url}${BASE}/ingest`, chunk, manners, signal);
        answered.set(status, (answered.get(status) ?? 0) + 1);
      }
      waiting = new AbortController();
      if (!signal.aborted) await sleep(systemClock, manners.everyMs, waiting.signal);
    }
  }

  const running = run();
  return {
    behave(next) {
      manners = { ...usual, ...next };
      answered.clear();
      waiting.abort();
    },
    answered: () => answered,
    async stop() {
      stopping.abort();
      waiting.abort();
      await running;
    },
  };
}

/** The chunks of one sweep that leave. */
function sweep({ symbols, chunkSize, sends, item, clockAheadMs }: Manners) {
  const timestamp = new Date(Date.now() + clockAheadMs).toISOString();
  return Array.from({ length: Math.ceil(symbols.length / chunkSize) }, (_, chunk) => chunk)
    .filter(sends)
    .map((chunk) => {
      const part = symbols.slice(chunk * chunkSize, (chunk + 1) * chunkSize);
      return { source: 'realtime', timestamp, data: part.map(item) };
    });
}

/** Resolves to the status; 0: no answer. */
async function post(
  url: string,
  body: unknown,
  { key, contentType }: Manners,
  signal: AbortSignal,
): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': contentType, 'X-API-Key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(10_000), signal]),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
