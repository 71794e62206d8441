import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { parseJson } from '../../kit/parseJson.ts';
import { ForcedOrderRow } from '../binance/binance.types.ts';
import { openStreamSocket } from '../streams/socket.ts';
import type { Link, LinkOptions } from '../streams/stream.ts';

/** The exchange pings every three minutes, however few orders there are. */
const SILENT_AFTER_MS = 7 * MINUTE_MS;
const LOOK_EVERY_MS = 10 * SECOND_MS;
const LARGEST_MESSAGE_BYTES = 1024 * 1024;

/** `{"stream":"!forceOrder@arr","data":{…}}` or the bare `{…}`; anything else has no order. */
const OrderMessage = z.union([ForcedOrderRow, z.object({ data: ForcedOrderRow }).transform((it) => it.data)]);

/**
 * One connection to the forced orders of all symbols. A calm market sends none for a while, so an open connection works,
 * and only one without a ping is silent.
 */
export function openForcedOrderLink({
  url,
  clock,
  outbound,
  onRows,
  onEnd,
}: LinkOptions<ForcedOrderRow>): Link {
  let heardAt = clock.now();
  const hear = (rows: ForcedOrderRow[] | null): void => {
    heardAt = clock.now();
    if (rows) onRows(rows);
  };
  const socket = openStreamSocket({
    url,
    outbound,
    largestMessageBytes: LARGEST_MESSAGE_BYTES,
    onOpen: () => hear([]),
    onPing: () => hear(null),
    onMessage(text) {
      const parsed = OrderMessage.safeParse(parseJson(text));
      hear(parsed.success ? [parsed.data] : null);
    },
    onEnd(reason) {
      cancelWatch();
      onEnd(reason);
    },
  });
  let cancelWatch = clock.after(LOOK_EVERY_MS, watch);

  function watch(): void {
    if (clock.now() - heardAt < SILENT_AFTER_MS) cancelWatch = clock.after(LOOK_EVERY_MS, watch);
    else socket.end(`silent: no message and no ping in ${SILENT_AFTER_MS / MINUTE_MS} min`);
  }

  return {
    close() {
      cancelWatch();
      socket.close();
    },
  };
}
