import { backoffMs } from '../../kit/backoff.shared.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { MarkPriceRow } from '../binance/binance.types.ts';
import type { StreamStatus } from './table.ts';
import { openLink, type Link, type LinkOptions } from './link.ts';

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
/** A connection that delivered prices for this long was not refused, so the backoff starts over. */
const GOOD_AFTER_MS = 10 * SECOND_MS;
/** The replaced connection stays open this long: prices of stocks arrive in a separate message. */
const HANDOVER_MS = 2 * SECOND_MS;

type Connection = { link: Link; since: number };

type StreamOptions = {
  url: string;
  clock: Clock;
  outbound: LinkOptions['outbound'];
  /** 0 to 1, as Math.random. */
  random: () => number;
  logger: Logger;
  onRows: (rows: MarkPriceRow[]) => void;
  open?: (options: LinkOptions) => Link;
  timing?: Partial<StreamTiming>;
};

type Context = Omit<StreamOptions, 'timing'> & {
  timing: StreamTiming;
  connections: Set<Connection>;
  /** Delivers prices. */
  active: Connection | null;
  /** Opening, or open without a price yet. */
  pending: Connection | null;
  failures: number;
  fault: string | null;
  lastConnectedAt: number | null;
  lastMessageAt: number | null;
  messagesReceived: number;
  cancelConnect: (() => void) | undefined;
};

/**
 * Keeps one connection that delivers prices. When it ends, the next one is opened after a random wait (full jitter), so that
 * collectors do not reconnect in step; before it grows too old, the next one replaces it while it still delivers.
 */
export function createMarkPriceStream(options: StreamOptions) {
  const context: Context = {
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
    /** Why no prices arrive; `null` while they do. */
    fault: () => context.fault,
  };
}

function connectIn(context: Context, waitMs: number): void {
  context.cancelConnect?.();
  context.cancelConnect = context.clock.after(waitMs, () => connect(context));
}

function connect(context: Context): void {
  const { url, clock, outbound, open = openLink } = context;
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

function activate(context: Context, connection: Connection): void {
  const { clock, timing, random, logger, failures, active: replaced } = context;
  connection.since = clock.now();
  Object.assign(context, {
    active: connection,
    pending: null,
    fault: null,
    lastConnectedAt: connection.since,
  });
  if (replaced) clock.after(HANDOVER_MS, () => close(context, replaced));
  connectIn(context, timing.renewAfterMs * (1 - 0.1 * random()));
  logger.info({ failures, renewed: replaced !== null }, 'mark price stream connected');
}

function onEnd(context: Context, connection: Connection, reason: string): void {
  const { clock, timing, random, logger, active, pending } = context;
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
  logger.warn({ reason, failures, waitMs: Math.round(waitMs) }, 'mark price stream disconnected');
  connectIn(context, waitMs);
}

function close({ connections }: Context, connection: Connection): void {
  connections.delete(connection);
  connection.link.close();
}
