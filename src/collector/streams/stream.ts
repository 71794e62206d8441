import { backoffMs } from '../../kit/backoff.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { Outbound } from '../outbound/outbound.ts';

/** One connection, from its opening to its end. */
export type Link = {
  /** Ends it; `onEnd` is not called. */
  close(): void;
};

export type LinkOptions<Row> = {
  url: string;
  clock: Clock;
  outbound: Pick<Outbound, 'socketAgentFor'>;
  /** The connection works, and these arrived. */
  onRows: (rows: Row[]) => void;
  /** Called once: it failed, was closed by the exchange, or became silent. */
  onEnd: (reason: string) => void;
};

/** Of the connection that delivers messages. Times are epoch ms. */
export type StreamStatus = {
  /** Open, and messages arrive. */
  connected: boolean;
  /** When messages last began to arrive. */
  lastConnectedAt: number | null;
  /** In a row, since messages last arrived. */
  reconnectAttempts: number;
  /** Counts their rows, as the original does. */
  messagesReceived: number;
  lastMessageAt: number | null;
};

export type StreamTiming = {
  /** The exchange ends a connection after 24 h. The next one is opened up to a tenth before this. */
  renewAfterMs: number;
  firstRetryMs: number;
  longestRetryMs: number;
};

const TIMING: StreamTiming = {
  renewAfterMs: 23 * HOUR_MS,
  firstRetryMs: SECOND_MS,
  longestRetryMs: MINUTE_MS,
};
/** A connection that delivered for this long was not refused, so the backoff starts over. */
const GOOD_AFTER_MS = 10 * SECOND_MS;
/** The replaced connection stays open this long: prices of stocks arrive in a separate message. */
const HANDOVER_MS = 2 * SECOND_MS;

type Connection = { link: Link; since: number };

type StreamOptions<Row> = {
  /** In the log: `mark price stream`. */
  name: string;
  url: string;
  clock: Clock;
  outbound: LinkOptions<Row>['outbound'];
  /** 0 to 1, as Math.random. */
  random: () => number;
  logger: Logger;
  onRows: (rows: Row[]) => void;
  open: (options: LinkOptions<Row>) => Link;
  timing?: Partial<StreamTiming>;
};

type Context<Row> = Omit<StreamOptions<Row>, 'timing'> & {
  timing: StreamTiming;
  connections: Set<Connection>;
  /** Delivers messages. */
  active: Connection | null;
  /** Opening, or open without a message yet. */
  pending: Connection | null;
  failures: number;
  fault: string | null;
  lastConnectedAt: number | null;
  lastMessageAt: number | null;
  messagesReceived: number;
  cancelConnect: (() => void) | undefined;
};

/**
 * Keeps one connection to a stream of the exchange. When it ends, the next one is opened after a random wait (full jitter), so that
 * collectors do not reconnect in step; before it grows too old, the next one replaces it while it still delivers.
 */
export function createStream<Row>(options: StreamOptions<Row>) {
  const context: Context<Row> = {
    ...options,
    timing: { ...TIMING, ...options.timing },
    connections: new Set(),
    active: null,
    pending: null,
    failures: 0,
    fault: 'not connected yet',
    lastConnectedAt: null,
    lastMessageAt: null,
    messagesReceived: 0,
    cancelConnect: undefined,
  };

  return {
    start: () => connect(context),
    stop(): void {
      context.cancelConnect?.();
      for (const it of context.connections) close(context, it);
      Object.assign(context, { active: null, pending: null, fault: 'stopped' });
    },
    connection(): StreamStatus {
      const { active, failures, lastConnectedAt, messagesReceived, lastMessageAt } = context;
      const reconnectAttempts = active ? 0 : failures;
      return {
        connected: active !== null,
        lastConnectedAt,
        reconnectAttempts,
        messagesReceived,
        lastMessageAt,
      };
    },
    /** Why nothing arrives; `null` while they do. */
    fault: () => context.fault,
  };
}

function connectIn<Row>(context: Context<Row>, waitMs: number): void {
  context.cancelConnect?.();
  context.cancelConnect = context.clock.after(waitMs, () => connect(context));
}

function connect<Row>(context: Context<Row>): void {
  const { url, clock, outbound, open } = context;
  if (context.pending) return;
  const connection: Connection = {
    since: clock.now(),
    link: open({
      url,
      clock,
      outbound,
      onRows(rows) {
        if (connection === context.pending) activate(context, connection);
        context.messagesReceived += rows.length;
        context.lastMessageAt = clock.now();
        context.onRows(rows);
      },
      onEnd: (reason) => onEnd(context, connection, reason),
    }),
  };
  context.pending = connection;
  context.connections.add(connection);
}

function activate<Row>(context: Context<Row>, connection: Connection): void {
  const { name, clock, timing, random, logger, failures, active: replaced } = context;
  connection.since = clock.now();
  Object.assign(context, {
    active: connection,
    pending: null,
    fault: null,
    lastConnectedAt: connection.since,
  });
  if (replaced) clock.after(HANDOVER_MS, () => close(context, replaced));
  connectIn(context, timing.renewAfterMs * (1 - 0.1 * random()));
  logger.info({ failures, renewed: replaced !== null }, `${name} connected`);
}

function onEnd<Row>(context: Context<Row>, connection: Connection, reason: string): void {
  const { name, clock, timing, random, logger, active, pending } = context;
  context.connections.delete(connection);
  // It had been replaced.
  if (connection !== active && connection !== pending) return;
  if (connection === active) {
    context.active = null;
    if (clock.now() - connection.since >= GOOD_AFTER_MS) context.failures = 0;
  } else context.pending = null;
  if (!context.active) context.fault = reason;
  const { firstRetryMs: firstMs, longestRetryMs: longestMs } = timing;
  const waitMs = backoffMs({ firstMs, longestMs }, context.failures, random);
  context.failures += 1;
  const { failures } = context;
  logger.warn({ reason, failures, waitMs: Math.round(waitMs) }, `${name} disconnected`);
  connectIn(context, waitMs);
}

function close<Row>({ connections }: Context<Row>, connection: Connection): void {
  connections.delete(connection);
  connection.link.close();
}
