import type { Clock } from '../../../kit/clock.ts';
import { describeError } from '../../../kit/errors.ts';
import type { Logger } from '../../../kit/logger.ts';
import { normaliseSymbol, type ParsedSample } from '../../ingest/parse.ts';
import type { BoardUpdate, Sample } from '../../openInterest.types.ts';
import { createIngestLog } from './ingestLog.ts';
import { createIngestRates } from './ingestRates.ts';
import { describeChunk, type ChunkAnswer, type ChunkRequest, type IngestRecord } from './ingestRecord.ts';
import type { OpenInterestMetrics } from './metrics.ts';
import { createPublishDelays } from './publishDelays.ts';
import { createRequestWatch } from './requestWatch.ts';
import { createStepTimes } from './stepTimes.ts';
import { createStoreOutcome } from './storeOutcome.ts';
import { createTraces, type TraceOutcome, type SampleTrace } from './traces.ts';

/** A sample of a chunk and what the board did with it. `mergedAt` is `null` where it was not offered to the board. */
export type MergedSample = { parsed: ParsedSample; outcome: TraceOutcome; mergedAt: number | null };

/** The open traces of one chunk: what `committed` and `failed` need. */
export type ChunkTrace = readonly { symbol: string; trace: SampleTrace }[];

/**
 * The only observer of ingest and publish. Each step in a sample's life calls the method of its name once; doctor, trace, the
 * debug page and the metrics read the parts. Only the recorder writes to them, and it changes nothing that it observes.
 */
export function createRecorder(deps: {
  clock: Clock;
  logger: Logger;
  metrics: Pick<OpenInterestMetrics, 'chunks' | 'samples' | 'refusals' | 'ingestSeconds'>;
  /** Whether the symbol is in the liquid universe. */
  isMember: (symbol: string) => boolean;
  isOnBoard: (symbol: string) => boolean;
}) {
  const { clock } = deps;
  const ingestLog = createIngestLog();
  const ingestRates = createIngestRates();
  const requests = createRequestWatch({ clock, ingestLog, ingestRates });
  const parts = {
    traces: createTraces(),
    stepTimes: createStepTimes(),
    publishDelays: createPublishDelays(),
    storeOutcome: createStoreOutcome({ clock }),
    ingestLog,
    ingestRates,
    requests,
  };
  const ctx = { ...deps, ...parts };

  return {
    ...parts,
    /** The board has merged a chunk. Opens one trace per sample, in the order given. */
    merged: (request: ChunkRequest, samples: readonly MergedSample[]): ChunkTrace =>
      recordMerged(ctx, request, samples),
    /** The database has committed the chunk. */
    committed: (chunk: ChunkTrace): void => recordCommitted(ctx, chunk),
    /** The database did not commit the chunk. */
    failed: (chunk: ChunkTrace, thrown: unknown): void => recordFailed(ctx, chunk, thrown),
    /** Ingest has its answer, 200 or not. Counts the request, and each of its items as accepted or refused. */
    answered: (request: ChunkRequest, answer: ChunkAnswer): void => recordAnswered(ctx, request, answer),
    /** A window was sent to clients. */
    published: (update: PublishedWindow): void => recordPublished(ctx, update),
    /** Another node has ingested these samples. */
    remote: (samples: readonly Sample[]): void => recordRemote(ctx, samples),
    /** The board has evicted the symbol. */
    evicted: (symbol: string): void => recordEvicted(ctx, symbol),
    /** An HTTP request has arrived. Counts it when it ends if it is a post that was refused before ingest. */
    observeRequest: requests.observe,
  };
}

export type Recorder = ReturnType<typeof createRecorder>;

type PublishedWindow = Pick<BoardUpdate, 'rows' | 'serverTime' | 'seq'>;

type RecorderContext = Parameters<typeof createRecorder>[0] &
  Pick<
    Recorder,
    'traces' | 'stepTimes' | 'publishDelays' | 'storeOutcome' | 'ingestLog' | 'ingestRates' | 'requests'
  >;

function recordMerged(
  { traces, stepTimes, publishDelays }: RecorderContext,
  { requestId, receivedAt }: ChunkRequest,
  samples: readonly MergedSample[],
): ChunkTrace {
  const offered = samples.filter((it) => it.outcome !== 'history only').map((it) => it.parsed.sample.symbol);
  stepTimes.mark('posted', offered, receivedAt);
  stepTimes.mark('accepted', offered, receivedAt);
  if (samples.some((it) => it.outcome === 'replace')) publishDelays.merged(receivedAt);
  return samples.map(({ parsed, outcome, mergedAt }) => ({
    symbol: parsed.sample.symbol,
    trace: traces.open(parsed, { requestId, receivedAt, mergedAt, outcome }),
  }));
}

function recordCommitted({ clock, stepTimes, storeOutcome }: RecorderContext, chunk: ChunkTrace): void {
  const now = clock.now();
  for (const { trace } of chunk) trace.committedAt = now;
  const newest = chunk.filter((it) => it.trace.outcome === 'replace').map((it) => it.symbol);
  stepTimes.mark('committed', newest, now);
  storeOutcome.succeeded();
}

function recordFailed({ storeOutcome }: RecorderContext, chunk: ChunkTrace, thrown: unknown): void {
  for (const { trace } of chunk) trace.failure = describeError(thrown);
  storeOutcome.failed(thrown);
}

function recordAnswered(ctx: RecorderContext, request: ChunkRequest, answer: ChunkAnswer): void {
  const record = describeChunk(request, answer, ctx.clock.now());
  const rejected = answer.chunk?.rejected ?? [];
  const isAccepted = record.status === 200;
  ctx.ingestLog.record(record);
  ctx.ingestRates.add(record.at, {
    requests: 1,
    errors: isAccepted ? 0 : 1,
    accepted: isAccepted ? record.inserted + record.duplicates : 0,
    rejectedItems: record.rejected,
  });
  const named = rejected.map((it) => normaliseSymbol(it.symbol ?? '')).filter((it) => it !== null);
  ctx.stepTimes.mark('posted', named.filter(ctx.isMember), record.at);
  countChunk(ctx, record);
  for (const { code } of rejected) ctx.metrics.refusals.inc({ code });
  const { at: _at, refusals: _refusals, ...fields } = record;
  // At debug level, because there are several a second; the summary line of each minute is for operators.
  ctx.logger.debug(fields, isAccepted ? 'chunk ingested' : 'chunk refused');
}

function countChunk({ metrics }: RecorderContext, record: IngestRecord): void {
  metrics.chunks.inc({ status: String(record.status) });
  metrics.ingestSeconds.observe(record.ms / 1_000);
  if (record.status !== 200) return;
  metrics.samples.inc({ result: 'inserted' }, record.inserted);
  metrics.samples.inc({ result: 'duplicate' }, record.duplicates);
  metrics.samples.inc({ result: 'rejected' }, record.rejected);
}

function recordPublished(
  { isOnBoard, stepTimes, publishDelays, traces }: RecorderContext,
  { rows, serverTime, seq }: PublishedWindow,
): void {
  const symbols = rows.map((row) => row.symbol);
  // A window also carries removals, and those symbols are forgotten already.
  stepTimes.mark('broadcast', symbols.filter(isOnBoard), serverTime);
  publishDelays.published(serverTime);
  traces.published(symbols, serverTime, seq);
}

function recordRemote({ clock, stepTimes }: RecorderContext, samples: readonly Sample[]): void {
  const now = clock.now();
  const symbols = samples.map((it) => it.symbol);
  stepTimes.mark('posted', symbols, now);
  stepTimes.mark('accepted', symbols, now);
}

function recordEvicted({ stepTimes, traces }: RecorderContext, symbol: string): void {
  stepTimes.forget(symbol);
  traces.forget(symbol);
}
