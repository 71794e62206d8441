import { request } from 'undici';
import type { z } from 'zod';
import { MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
import { LiquidUniverseBody, type LiquidUniverseUpdate } from '../../openInterest/universe/universe.types.ts';
import {
  PositioningSymbols,
  type LiquidationsUpdate,
  type PositioningUpdate,
} from '../../openInterest/positioning/positioning.types.ts';
import type {
  CollectorHeartbeat,
  ReportedError,
} from '../../openInterest/operator/collectors/heartbeat.types.ts';
import { createClockSkew } from '../process/clockSkew.ts';
import { createFailures } from '../process/failures.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { withDeadline } from '../process/deadline.ts';
import { historyHeaders, queryOf } from './requests.ts';
import { judgeAnswer, retry, type Delivery, type ServerAnswer } from './delivery.ts';
import {
  IngestAnswer,
  SamplesAnswer,
  SnapshotAnswer,
  StoredAnswer,
  UniverseUpdateAnswer,
  type StoredSample,
} from './server.types.ts';

export type ServerStatus = {
  /** Epoch ms; `null`: the last post of each kind was accepted. */
  failingSince: number | null;
  /** Of the last ten minutes. */
  lastError: ReportedError | null;
  /** How far the server's clock is ahead of this machine's; `null`: not known yet. */
  aheadMs: number | null;
};

/** Something could not be read from our server. */
export class ServerReadError extends Error {
  override readonly name = 'ServerReadError';
  /** A retry may succeed. Otherwise the key, the address or the request is wrong. */
  readonly isTemporary: boolean;

  constructor(message: string, options: { isTemporary: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.isTemporary = options.isTemporary;
  }
}

type ServerOptions = {
  /** Without a trailing slash. */
  url: string;
  apiKey: string;
  /** An operator key or the token of a Pro user, for `selectSamples`: an ingest key may only ingest. */
  historyKey?: string | null | undefined;
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  timeoutMs?: number;
};

type Context = ServerOptions & {
  skew: ReturnType<typeof createClockSkew>;
  failures: ReturnType<typeof createFailures>;
  /** By path: one kind of post may fail while others are accepted. */
  failingSince: Map<string, number>;
};

type Call = {
  path: string;
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
};

const DEFAULT_TIMEOUT_MS = 10 * SECOND_MS;
/** A fault that also stops heartbeats can only be reported once it is over. */
const REMEMBER_MS = 10 * MINUTE_MS;
const OPEN_INTEREST = '/api/market/open-interest';

export type ServerClient = ReturnType<typeof createServerClient>;

/**
 * Our server, as the collector uses it. `ingest` and `alert` send their bodies unchanged, so a retry sends the same bytes.
 * Posts never reject; reads throw ServerReadError. A call ends when its signal aborts, so shutdown never waits for a server
 * that hangs.
 */
export function createServerClient(options: ServerOptions) {
  const { clock, apiKey, historyKey } = options;
  const context: Context = {
    ...options,
    skew: createClockSkew(),
    failures: createFailures({ clock, systemClock: clock, rememberMs: REMEMBER_MS }),
    failingSince: new Map(),
  };
  const { skew, failures, failingSince } = context;
  const post = <Schema extends z.ZodType>(
    path: string,
    body: string,
    schema: Schema,
    signal?: AbortSignal,
  ): Promise<Delivery<z.output<Schema>>> =>
    deliver(context, { path, headers: { 'X-API-Key': apiKey }, body, signal }, schema);

  return {
    status: (): ServerStatus => ({
      failingSince: failingSince.size === 0 ? null : Math.min(...failingSince.values()),
      lastError: failures.last(),
      aheadMs: skew.aheadMs(),
    }),
    ingest: (body: string, signal?: AbortSignal) =>
      post(`${OPEN_INTEREST}/ingest`, body, IngestAnswer, signal),
    alert: (body: string, signal?: AbortSignal): Promise<Delivery> =>
      post('/api/open-interest-alerts/ingest', body, StoredAnswer, signal),
    heartbeat: (beat: z.input<typeof CollectorHeartbeat>, signal?: AbortSignal): Promise<Delivery> =>
      post('/api/collectors/heartbeat', JSON.stringify(beat), StoredAnswer, signal),
    updateUniverse: (update: z.input<typeof LiquidUniverseUpdate>, signal?: AbortSignal) =>
      post(`${OPEN_INTEREST}/liquid-universe/update`, JSON.stringify(update), UniverseUpdateAnswer, signal),
    /** The symbols that users look at, the last viewed first. */
    async selectPositioningSymbols(signal?: AbortSignal): Promise<PositioningSymbols['symbols']> {
      const path = `${OPEN_INTEREST}/positioning/symbols`;
      return (await read(context, { path, headers: { 'X-API-Key': apiKey }, signal }, PositioningSymbols))
        .symbols;
    },
    ingestPositioning: (update: PositioningUpdate, signal?: AbortSignal): Promise<Delivery> =>
      post(`${OPEN_INTEREST}/positioning`, JSON.stringify(update), StoredAnswer, signal),
    ingestLiquidations: (update: LiquidationsUpdate, signal?: AbortSignal): Promise<Delivery> =>
      post(`${OPEN_INTEREST}/positioning/liquidations`, JSON.stringify(update), StoredAnswer, signal),
    /** An empty universe is an answer; a failure is not an empty universe. */
    selectUniverse: (signal?: AbortSignal) =>
      read(context, { path: `${OPEN_INTEREST}/liquid-universe`, headers: {}, signal }, LiquidUniverseBody),
    /** At most 500, newest first, all before the time given. Needs a key that may read. */
    async selectSamples(
      query: { symbol: string; limit: number; before: number },
      signal?: AbortSignal,
    ): Promise<StoredSample[]> {
      const path = `${OPEN_INTEREST}/samples?${queryOf(query)}`;
      const headers = historyHeaders(historyKey ?? apiKey);
      return (await read(context, { path, headers, signal }, SamplesAnswer)).samples;
    },
    /** The time of the newest sample at or before `ts`; `null`: the server has none within `maxAgeSec`. */
    async selectOptionalLastTs(
      query: { symbol: string; ts: number; maxAgeSec: number },
      signal?: AbortSignal,
    ): Promise<number | null> {
      const path = `${OPEN_INTEREST}/snapshot?${queryOf({ ...query, ts: new Date(query.ts).toISOString() })}`;
      const found = await read(context, { path, headers: { 'X-API-Key': apiKey }, signal }, SnapshotAnswer);
      return found.found ? found.ts : null;
    },
  };
}

async function deliver<Schema extends z.ZodType>(
  context: Context,
  post: Call,
  schema: Schema,
): Promise<Delivery<z.output<Schema>>> {
  let delivery: Delivery<z.output<Schema>>;
  let thrown: unknown = null;
  try {
    delivery = explainKey(await call(context, post, schema));
  } catch (caught) {
    thrown = caught;
    delivery = retry(describeError(caught));
  }
  if (!post.signal?.aborted) record(context, post.path, delivery, thrown);
  return delivery;
}

/** Whether posts succeed. A rejection for good was read by the server, so the server works. */
function record(
  { failingSince, failures, clock }: Context,
  path: string,
  delivery: Delivery,
  thrown: unknown,
): void {
  if (delivery.outcome !== 'retry' || delivery.waitsForTime) {
    failingSince.delete(path);
    return;
  }
  if (!failingSince.has(path)) failingSince.set(path, clock.now());
  const { reason, status } = delivery;
  failures.note(thrown ?? Object.assign(new Error(reason), { status }));
}

async function read<Schema extends z.ZodType>(
  context: Context,
  get: Call,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { path } = get;
  const delivery = await call(context, get, schema).catch((cause: unknown) => {
    throw new ServerReadError(`${path}: ${describeError(cause)}`, { isTemporary: true, cause });
  });
  if (delivery.outcome === 'accepted') return delivery.body;
  const isTemporary = delivery.outcome === 'retry' && !delivery.needsOperator;
  throw new ServerReadError(`${path}: ${delivery.reason}`, { isTemporary });
}

async function call<Schema extends z.ZodType>(
  context: Context,
  what: Call,
  schema: Schema,
): Promise<Delivery<z.output<Schema>>> {
  const { clock, skew, timeoutMs = DEFAULT_TIMEOUT_MS } = context;
  const sentAt = clock.now();
  const answer = await withDeadline(clock, timeoutMs, what.signal, (signal) => send(context, what, signal));
  const serverTime = Date.parse(answer.date ?? '');
  const exchangeTime = Number.isNaN(serverTime) ? null : serverTime;
  skew.observe({ sentAt, answeredAt: clock.now(), exchangeTime });
  return judgeAnswer(answer, (json) => schema.safeParse(json).data ?? null, clock);
}

async function send(
  { url, outbound }: Context,
  { path, headers, body }: Call,
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

/** Names the setting: the server's 401 or 403 speaks of a request. */
function explainKey<Body>(delivery: Delivery<Body>): Delivery<Body> {
  if (delivery.outcome !== 'retry' || (delivery.status !== 401 && delivery.status !== 403)) return delivery;
  return { ...delivery, reason: `VOLSPIKE_API_KEY is refused: ${delivery.reason}` };
}
