import { request } from 'undici';
import type { z } from 'zod';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
import { LiquidUniverseBody, type LiquidUniverseUpdate } from '../../openInterest/universe/universe.types.ts';
import type {
  CollectorHeartbeat,
  ReportedError,
} from '../../openInterest/operator/collectors/heartbeat.types.ts';
import { createClockSkew } from '../binance/clockSkew.ts';
import { createFailures } from '../heartbeat/failures.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { judgeAnswer, retry, type Delivery, type ServerAnswer } from './delivery.ts';
import {
  AlertAnswer,
  HeartbeatAnswer,
  IngestAnswer,
  SamplesAnswer,
  SnapshotAnswer,
  UniverseUpdateAnswer,
  type StoredSample,
} from './server.types.ts';

export type ServerStatus = {
  /** Epoch ms; `null`: the last post of each kind was taken. */
  failingSince: number | null;
  /** Of the last ten minutes. */
  lastError: ReportedError | null;
  /** How far the server's clock is ahead of this machine's; `null`: not known yet. */
  aheadMs: number | null;
};

/** Something could not be read from our server. */
export class ServerReadError extends Error {
  override readonly name = 'ServerReadError';
  /** It may come right by itself. Otherwise a key or an address is wrong, or the question. */
  readonly isTemporary: boolean;

  constructor(message: string, options: { isTemporary: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.isTemporary = options.isTemporary;
  }
}

const DEFAULT_TIMEOUT_MS = 10 * SECOND_MS;
/** What kept heartbeats away, too, can be reported only when it is over. */
const REMEMBER_MS = 10 * MINUTE_MS;
const OPEN_INTEREST = '/api/market/open-interest';

export type ServerClient = ReturnType<typeof createServerClient>;

/**
 * Our server, as the collector uses it. Bodies of `ingest` and `alert` are sent as they are given, so that sending one
 * again is sending the same bytes. What delivers never rejects; what reads throws ServerReadError. Each call ends when its
 * signal is aborted, as if no answer had come: whoever stops must not wait for a server that hangs.
 */
export function createServerClient(options: {
  /** Without a slash at its end. */
  url: string;
  apiKey: string;
  /** An operator key or the token of a Pro user: what `selectSamples` asks with, because ingest keys may only ingest. */
  historyKey?: string | null | undefined;
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  timeoutMs?: number;
}) {
  const { url, apiKey, clock, outbound, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const skew = createClockSkew();
  const failures = createFailures({ clock, systemClock: clock, rememberMs: REMEMBER_MS });
  /** By path: one kind of post may fail while others are taken. */
  const failingSince = new Map<string, number>();

  async function call(
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ServerAnswer> {
    const end = new AbortController();
    const cancelTimeout = clock.after(timeoutMs, () =>
      end.abort(new Error(`no answer in ${timeoutMs / SECOND_MS} s`)),
    );
    const onAbort = () => end.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    // Whatever the client does with its signal, a call ends with it.
    const ended = new Promise<never>((_, reject) => {
      end.signal.addEventListener('abort', () => reject(end.signal.reason as Error), { once: true });
    });
    if (signal?.aborted) onAbort();
    const sentAt = clock.now();
    try {
      const answer = await Promise.race([ask(path, headers, body, end.signal), ended]);
      const serverTime = Date.parse(answer.date ?? '');
      skew.observe({
        sentAt,
        answeredAt: clock.now(),
        exchangeTime: Number.isNaN(serverTime) ? null : serverTime,
      });
      return answer;
    } finally {
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async function ask(
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<ServerAnswer> {
    // Redirects are not followed: a redirected POST would become a GET, and the key would go to another host.
    const response = await request(url + path, {
      dispatcher: outbound.dispatcherFor(url),
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body }),
      signal,
    });
    const { 'retry-after': retryAfter, date } = response.headers;
    return {
      status: response.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
      date: typeof date === 'string' ? date : null,
      text: await response.body.text(),
    };
  }

  async function deliver<Schema extends z.ZodType>(
    path: string,
    body: string,
    schema: Schema,
    signal: AbortSignal | undefined,
  ): Promise<Delivery<z.output<Schema>>> {
    let delivery: Delivery<z.output<Schema>>;
    let thrown: unknown = null;
    try {
      const answer = await call(path, { 'X-API-Key': apiKey }, body, signal);
      delivery = explainKey(judgeAnswer(answer, (json) => schema.safeParse(json).data ?? null, clock));
    } catch (caught) {
      thrown = caught;
      delivery = retry(describeError(caught));
    }
    if (!signal?.aborted) record(path, delivery, thrown);
    return delivery;
  }

  /** Whether posts fare well. What was refused for good has been read, and the server is well. */
  function record(path: string, delivery: Delivery, thrown: unknown): void {
    if (delivery.outcome !== 'retry' || delivery.waitsForTime) {
      failingSince.delete(path);
      return;
    }
    if (!failingSince.has(path)) failingSince.set(path, clock.now());
    const { reason, status } = delivery;
    failures.note(thrown ?? Object.assign(new Error(reason), { status }));
  }

  async function read<Schema extends z.ZodType>(
    path: string,
    headers: Record<string, string>,
    schema: Schema,
    signal: AbortSignal | undefined,
  ): Promise<z.output<Schema>> {
    let delivery: Delivery<z.output<Schema>>;
    try {
      const answer = await call(path, headers, undefined, signal);
      delivery = judgeAnswer(answer, (json) => schema.safeParse(json).data ?? null, clock);
    } catch (thrown) {
      throw new ServerReadError(`${path}: ${describeError(thrown)}`, {
        isTemporary: true,
        cause: thrown,
      });
    }
    if (delivery.outcome === 'taken') return delivery.body;
    const isTemporary = delivery.outcome === 'retry' && !delivery.needsOperator;
    throw new ServerReadError(`${path}: ${delivery.reason}`, { isTemporary });
  }

  return {
    status: () => ({
      failingSince: failingSince.size === 0 ? null : Math.min(...failingSince.values()),
      lastError: failures.last(),
      aheadMs: skew.aheadMs(),
    }),
    ingest: (body: string, signal?: AbortSignal) =>
      deliver(`${OPEN_INTEREST}/ingest`, body, IngestAnswer, signal),
    alert: (body: string, signal?: AbortSignal): Promise<Delivery> =>
      deliver('/api/open-interest-alerts/ingest', body, AlertAnswer, signal),
    heartbeat: (beat: z.input<typeof CollectorHeartbeat>, signal?: AbortSignal): Promise<Delivery> =>
      deliver('/api/collectors/heartbeat', JSON.stringify(beat), HeartbeatAnswer, signal),
    updateUniverse(
      update: z.input<typeof LiquidUniverseUpdate>,
      signal?: AbortSignal,
    ): Promise<Delivery<UniverseUpdateAnswer>> {
      const path = `${OPEN_INTEREST}/liquid-universe/update`;
      return deliver(path, JSON.stringify(update), UniverseUpdateAnswer, signal);
    },

    /** An empty universe is an answer; a failure is not an empty universe. */
    selectUniverse: (signal?: AbortSignal) =>
      read(`${OPEN_INTEREST}/liquid-universe`, {}, LiquidUniverseBody, signal),

    /** At most 500, newest first, all before the moment given. Needs a key that may read. */
    async selectSamples(
      { symbol, limit, before }: { symbol: string; limit: number; before: number },
      signal?: AbortSignal,
    ): Promise<StoredSample[]> {
      const query = new URLSearchParams({ symbol, limit: String(limit), before: String(before) });
      const path = `${OPEN_INTEREST}/samples?${query.toString()}`;
      const headers = historyHeaders(options.historyKey ?? apiKey);
      return (await read(path, headers, SamplesAnswer, signal)).samples;
    },

    /** When the newest sample at or before `ts` is from; `null`: the server has none within `maxAgeSec`. */
    async selectOptionalLastTs(
      { symbol, ts, maxAgeSec }: { symbol: string; ts: number; maxAgeSec: number },
      signal?: AbortSignal,
    ): Promise<number | null> {
      const query = new URLSearchParams({
        symbol,
        ts: new Date(ts).toISOString(),
        maxAgeSec: String(maxAgeSec),
      });
      const path = `${OPEN_INTEREST}/snapshot?${query.toString()}`;
      const found = await read(path, { 'X-API-Key': apiKey }, SnapshotAnswer, signal);
      return found.found ? found.ts : null;
    },
  };
}

/** Posts carry the ingest key; a server that does not let it in says so of a request, not of a setting. */
function explainKey<Body>(delivery: Delivery<Body>): Delivery<Body> {
  if (delivery.outcome !== 'retry' || (delivery.status !== 401 && delivery.status !== 403)) return delivery;
  return { ...delivery, reason: `VOLSPIKE_API_KEY is refused: ${delivery.reason}` };
}

/** Keys and tokens are told apart by their dots: a JWT has two. */
function historyHeaders(keyOrToken: string): Record<string, string> {
  return keyOrToken.split('.').length === 3
    ? { Authorization: `Bearer ${keyOrToken}` }
    : { 'X-API-Key': keyOrToken };
}
