import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { formatAge } from '../../kit/format.shared.ts';
import type { Logger } from '../../kit/logger.ts';
import { startLoop, type Loop } from '../../kit/loop.ts';
import { markPriceStreamUrl } from '../binance/hosts.ts';
import type { MarkPriceRow } from '../binance/binance.types.ts';
import type { Job, JobStatus } from '../job.types.ts';
import type { MarkPrices } from '../collector.types.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { createLiveMarketCheck } from './liveMarkets.ts';
import { formatStateFile } from './stateFile.ts';
import { createStateReader } from './stateReader.ts';
import { createStateWriter } from './stateWriter.ts';
import { createStream, type StreamStatus, type StreamTiming } from '../streams/stream.ts';
import { openPriceLink } from './priceLink.ts';
import { createPriceTable, type PriceTable } from './table.ts';

export type MarkPricesJob = ReturnType<typeof createMarkPricesJob>;

/** Reads the stream and writes a file for other programs, or reads the file that another program writes. */
type MarkPricesSource =
  { wsUrl: string; stateFile: string; timing?: Partial<StreamTiming> } | { readFrom: string };

type Feed = {
  /** The origin of its prices, for messages. */
  place: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  connection(): StreamStatus;
  fault(): string | null;
};

/** The stream sends every second, the original's daemon writes every three. */
const SLOW_AFTER_MS = 10 * SECOND_MS;
const READ_EVERY_MS = SECOND_MS;

type FeedOptions = {
  clock: Clock;
  outbound: Pick<Outbound, 'socketAgentFor'>;
  /** 0 to 1, as Math.random. */
  random: () => number;
  logger: Logger;
};

export function createMarkPricesJob(options: FeedOptions & { source: MarkPricesSource }) {
  const { source, clock } = options;
  const table = createPriceTable(clock);
  const feed =
    'readFrom' in source
      ? createFileFeed(source.readFrom, table, options)
      : createStreamFeed(source, table, options);

  function judge(): ReturnType<MarkPrices['status']> {
    const newestAgeMs = table.newestAgeMs();
    const symbols = table.usable().length;
    const tooOld = table.listed().length - symbols;
    const fault = feed.fault();
    const is = (state: 'up' | 'slow' | 'down', note: string | null) => ({
      state,
      symbols,
      newestAgeMs,
      note,
    });
    if (newestAgeMs === null) return is('down', fault ?? 'no price yet');
    const newest = `the newest price in ${feed.place} is ${formatAge(newestAgeMs)} old`;
    if (symbols === 0) return is('down', fault ?? `${newest}, too old to be used`);
    if (fault !== null) return is('slow', fault);
    if (newestAgeMs > SLOW_AFTER_MS) return is('slow', `the newest price is ${formatAge(newestAgeMs)} old`);
    return is('up', tooOld > 0 ? `${tooOld} too old` : null);
  }

  return {
    prices: { priceOf: table.priceOf, status: judge } satisfies MarkPrices,
    table,
    /** Of this process's stream, or of the file's writer. */
    connection: feed.connection,
    start: feed.start,
    stop: feed.stop,
    status(): JobStatus {
      const { state, symbols, newestAgeMs, note } = judge();
      return {
        name: 'mark-prices',
        state,
        everySec: 'readFrom' in source ? 3 : 1,
        lastRunAt: newestAgeMs === null ? null : clock.now() - newestAgeMs,
        ok: symbols,
        ...(note === null ? {} : { note: note.slice(0, 500) }),
      };
    },
  } satisfies Job & Record<string, unknown>;
}

function createStreamFeed(
  { wsUrl, stateFile, timing }: Exclude<MarkPricesSource, { readFrom: string }>,
  table: PriceTable,
  options: FeedOptions,
): Feed {
  const { clock, logger } = options;
  const isLive = createLiveMarketCheck();
  const stream = createStream({
    ...options,
    name: 'mark price stream',
    url: markPriceStreamUrl(wsUrl),
    onRows,
    open: openPriceLink,
    ...(timing ? { timing } : {}),
  });
  const writer = createStateWriter({
    file: stateFile,
    content: () => formatStateFile({ rows: table.usable(), connection: stream.connection() }, clock.now()),
    clock,
    logger,
  });
  let loop: Loop | undefined;
  let written = '';

  function onRows(rows: readonly MarkPriceRow[]): void {
    const now = clock.now();
    table.put(rows.filter((row) => isLive(row, now)).map((row) => toPriceRow(row, now)));
    writer.changed();
  }

  /** Writes the file without new prices, too: the connection is lost, or prices are no longer usable. */
  async function watch(): Promise<void> {
    const now = `${stream.connection().connected} ${table.usable().length}`;
    if (now !== written) writer.changed();
    written = now;
  }

  return {
    place: 'the stream',
    async start() {
      // Prices of an earlier run may still be usable; without them the file would soon be empty.
      await createStateReader({ file: stateFile, onState: ({ rows }) => table.put(rows) }).read();
      stream.start();
      writer.start();
      loop = startLoop({
        clock,
        everyMs: SECOND_MS,
        task: watch,
        onError: (err) => logger.error({ err }, 'cannot watch the price stream'),
      });
    },
    async stop() {
      stream.stop();
      await loop?.stop();
      writer.changed();
      await writer.stop();
    },
    connection: stream.connection,
    fault: () => stream.fault() ?? writer.fault(),
  };
}

function toPriceRow(row: MarkPriceRow, now: number) {
  const { s: symbol, p: markPrice, i: indexPrice, r: fundingRate, T: nextFundingTime } = row;
  return { symbol, markPrice, indexPrice, fundingRate, nextFundingTime, updatedAt: now };
}

function createFileFeed(file: string, table: PriceTable, { clock, logger }: FeedOptions): Feed {
  let connection: StreamStatus | null = null;
  let loop: Loop | undefined;
  const reader = createStateReader({
    file,
    onState(state) {
      table.put(state.rows);
      connection = state.connection;
    },
  });

  return {
    place: file,
    async start() {
      await reader.read();
      const onError = (err: Error) => logger.error({ err }, 'cannot read the price file');
      loop = startLoop({ clock, everyMs: READ_EVERY_MS, task: reader.read, onError });
    },
    async stop() {
      await loop?.stop();
    },
    connection: () => connection ?? NO_CONNECTION,
    fault: reader.fault,
  };
}

const NO_CONNECTION: StreamStatus = {
  connected: false,
  lastConnectedAt: null,
  reconnectAttempts: 0,
  messagesReceived: 0,
  lastMessageAt: null,
};
