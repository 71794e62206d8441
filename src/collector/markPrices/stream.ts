import { HOUR_MS, MINUTE_MS, SECOND_MS, type Clock } from '../../kit/clock.ts';
import type { Logger } from '../../kit/logger.ts';
import type { MarkPriceRow } from '../binance/binance.types.ts';
import type { Connection } from './connection.types.ts';
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
/** After prices came for so long, waits begin anew: somebody breaks connections, nobody refuses them. */
const GOOD_AFTER_MS = 10 * SECOND_MS;
/** Stocks' prices come in a message of their own, a moment after the first. */
const HANDOVER_MS = 2 * SECOND_MS;

type Line = { link: Link; since: number };

/**
 * Keeps one connection that prices come by. When it ends the next one is opened after a random wait (full jitter), so
 * that collectors do not come back in step; before it grows too old the next one takes over while it still speaks.
 */
export function createMarkPriceStream(options: {
  url: string;
  clock: Clock;
  outbound: LinkOptions['outbound'];
  /** 0 to 1, as Math.random. */
  random: () => number;
  logger: Logger;
  onRows: (rows: MarkPriceRow[]) => void;
  open?: (options: LinkOptions) => Link;
  timing?: Partial<StreamTiming>;
}) {
  const { url, clock, outbound, random, logger, onRows, open = openLink } = options;
  const timing = { ...TIMING, ...options.timing };
  const openLines = new Set<Line>();
  /** Prices come by this one. */
  let carrier: Line | null = null;
  /** This one is opening, or is open and has not spoken yet. */
  let coming: Line | null = null;
  let failures = 0;
  let trouble: string | null = 'not connected yet';
  let lastConnectedAt: number | null = null;
  let lastMessageAt: number | null = null;
  let messagesReceived = 0;
  let cancelConnect: (() => void) | undefined;

  function connectIn(waitMs: number): void {
    cancelConnect?.();
    cancelConnect = clock.after(waitMs, connect);
  }

  function connect(): void {
    if (coming) return;
    const line: Line = {
      since: clock.now(),
      link: open({
        url,
        clock,
        outbound,
        onRows(rows) {
          if (line === coming) takeOver(line);
          messagesReceived += rows.length;
          lastMessageAt = clock.now();
          onRows(rows);
        },
        onEnd: (reason) => onEnd(line, reason),
      }),
    };
    coming = line;
    openLines.add(line);
  }

  function takeOver(line: Line): void {
    const relieved = carrier;
    carrier = line;
    coming = null;
    line.since = clock.now();
    lastConnectedAt = line.since;
    trouble = null;
    if (relieved) clock.after(HANDOVER_MS, () => close(relieved));
    connectIn(timing.renewAfterMs * (1 - 0.1 * random()));
    logger.info({ failures, renewed: relieved !== null }, 'mark prices come');
  }

  function onEnd(line: Line, reason: string): void {
    openLines.delete(line);
    if (line === carrier) {
      carrier = null;
      if (clock.now() - line.since >= GOOD_AFTER_MS) failures = 0;
    } else if (line === coming) {
      coming = null;
    } else {
      // It had been relieved.
      return;
    }
    if (!carrier) trouble = reason;
    const waitMs = random() * Math.min(timing.longestRetryMs, timing.firstRetryMs * 2 ** failures);
    failures += 1;
    logger.warn({ reason, failures, waitMs: Math.round(waitMs) }, 'mark price connection ended');
    connectIn(waitMs);
  }

  function close(line: Line): void {
    openLines.delete(line);
    line.link.close();
  }

  return {
    start: connect,
    stop(): void {
      cancelConnect?.();
      for (const line of openLines) close(line);
      carrier = null;
      coming = null;
      trouble = 'stopped';
    },
    connection: (): Connection => ({
      connected: carrier !== null,
      lastConnectedAt,
      reconnectAttempts: carrier ? 0 : failures,
      messagesReceived,
      lastMessageAt,
    }),
    /** Why no prices come; `null` while they do. */
    trouble: () => trouble,
  };
}
