import { z } from 'zod';
import { SECOND_MS } from '../../kit/clock.ts';
import { MarkPriceRow } from '../binance/binance.types.ts';
import { parseJson } from '../../kit/parseJson.ts';
import { openStreamSocket } from '../streams/socket.ts';
import type { Link, LinkOptions } from '../streams/stream.ts';

/** The stream sends every second. */
const SILENT_AFTER_MS = 5 * SECOND_MS;
const LARGEST_MESSAGE_BYTES = 16 * 1024 * 1024;

/** `{"stream":"!markPrice@arr@1s","data":[…]}` or the bare `[…]`; anything else (an acknowledgement) has no prices. */
const PriceMessage = z.union([z.array(z.unknown()), z.object({ data: z.array(z.unknown()) })]);

/**
 * One connection to the stream, from its opening to its end.
 *
 * Opens a connection and watches it. Silence ends it too: the exchange's old address accepts the subscription and sends
 * nothing, and neither does a dead network. Prices of crypto and of stocks arrive in separate messages, so a link without
 * prices for half of its symbols counts as silent.
 */
export function openPriceLink({ url, clock, outbound, onRows, onEnd }: LinkOptions<MarkPriceRow>): Link {
  const heardAt = new Map<string, number>();
  let watchedFrom = Infinity;
  let cancelWatch: (() => void) | undefined;
  const socket = openStreamSocket({
    url,
    outbound,
    largestMessageBytes: LARGEST_MESSAGE_BYTES,
    onOpen() {
      watchedFrom = clock.now();
      watch();
    },
    onMessage(text) {
      const rows = parseRows(text);
      const now = clock.now();
      for (const row of rows) heardAt.set(row.s, now);
      if (rows.length > 0) onRows(rows);
    },
    onEnd(reason) {
      cancelWatch?.();
      onEnd(reason);
    },
  });

  function watch(): void {
    const now = clock.now();
    if (now - watchedFrom >= SILENT_AFTER_MS) {
      const fresh = [...heardAt.values()].filter((at) => now - at < SILENT_AFTER_MS).length;
      if (fresh === 0 || fresh < heardAt.size / 2) {
        socket.end(
          `silent: prices of ${fresh} of ${heardAt.size} symbols in ${SILENT_AFTER_MS / SECOND_MS} s`,
        );
        return;
      }
    }
    cancelWatch = clock.after(SECOND_MS, watch);
  }

  return {
    close() {
      cancelWatch?.();
      socket.close();
    },
  };
}

/** Ignores malformed rows: the age of their symbols grows, which is visible. */
function parseRows(text: string): MarkPriceRow[] {
  const message = PriceMessage.safeParse(parseJson(text));
  if (!message.success) return [];
  const rows = Array.isArray(message.data) ? message.data : message.data.data;
  return rows.flatMap((row) => {
    const parsed = MarkPriceRow.safeParse(row);
    return parsed.success ? [parsed.data] : [];
  });
}
