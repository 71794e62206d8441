import { anItem, type ChunkItem } from '../support/builders.ts';
import { INGEST_KEY } from '../support/testServer.ts';

const BASE = '/api/market/open-interest';

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
export function startPoster(options: { url: string; manners: Partial<Manners> }): Poster {
  const { url } = options;
  const usual: Manners = {
    key: INGEST_KEY,
    contentType: 'application/json',
    everyMs: 5_000,
    chunkSize: 10,
    sends: () => true,
    symbols: [],
    item: (symbol) => anItem(symbol),
    clockAheadMs: 0,
    ...options.manners,
  };
  let manners = usual;
  const answered = new Map<number, number>();
  const stopping = new AbortController();
  let wake: () => void = () => undefined;

  async function post(path: string, body: unknown, { key, contentType } = manners): Promise<number> {
    try {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': contentType, 'X-API-Key': key },
        body: JSON.stringify(body),
        signal: AbortSignal.any([AbortSignal.timeout(10_000), stopping.signal]),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }

  async function sweep(): Promise<void> {
    const { symbols, chunkSize, sends, item, clockAheadMs } = manners;
    const ts = new Date(Date.now() + clockAheadMs).toISOString();
    for (let chunk = 0; chunk * chunkSize < symbols.length; chunk += 1) {
      if (!sends(chunk)) continue;
      const part = symbols.slice(chunk * chunkSize, (chunk + 1) * chunkSize);
      const status = await post(`${BASE}/ingest`, {
        source: 'realtime',
        timestamp: ts,
        data: part.map(item),
      });
      answered.set(status, (answered.get(status) ?? 0) + 1);
    }
  }

  async function run(): Promise<void> {
    let namedAt = -Infinity;
    while (!stopping.signal.aborted) {
      if (performance.now() - namedAt > 240_000) {
        const named = usual.symbols.map((symbol) => ({ symbol, quoteVolume24h: 10_000_000 }));
        const status = await post(`${BASE}/liquid-universe/update`, { symbols: named }, usual);
        if (status === 200) namedAt = performance.now();
      }
      await sweep();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, manners.everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const running = run();
  return {
    behave(next) {
      manners = { ...usual, ...next };
      answered.clear();
      wake();
    },
    answered: () => answered,
    async stop() {
      stopping.abort();
      wake();
      await running;
    },
  };
}
