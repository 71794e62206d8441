import WebSocket, { type RawData } from 'ws';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../../kit/clock.ts';
import { describeError } from '../../kit/errors.ts';
import { parseJson } from '../../kit/parseJson.ts';
import { ForcedOrderRow } from '../binance/binance.types.ts';
import { CONNECT_WITHIN_MS } from '../outbound/outbound.ts';
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
export function openForcedOrderLink(options: LinkOptions<ForcedOrderRow>): Link {
  const { url, clock, outbound, onRows, onEnd } = options;
  let heardAt = clock.now();
  let ended = false;
  const agent = outbound.socketAgentFor(url);
  const socket = new WebSocket(url, {
    ...(agent && { agent }),
    handshakeTimeout: CONNECT_WITHIN_MS,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE_BYTES,
  });
  socket.on('open', () => hear([]));
  socket.on('ping', () => hear(null));
  socket.on('message', (data) => {
    const parsed = OrderMessage.safeParse(parseJson(textOf(data)));
    hear(parsed.success ? [parsed.data] : null);
  });
  socket.on('error', (error) => end(describeError(error)));
  socket.on('close', (code, reason) => end(`closed by the exchange (${code} ${reason.toString()})`.trim()));
  let cancelWatch = clock.after(LOOK_EVERY_MS, watch);

  function hear(rows: ForcedOrderRow[] | null): void {
    if (ended) return;
    heardAt = clock.now();
    if (rows) onRows(rows);
  }

  function watch(): void {
    if (clock.now() - heardAt < SILENT_AFTER_MS) cancelWatch = clock.after(LOOK_EVERY_MS, watch);
    else end(`silent: no message and no ping in ${SILENT_AFTER_MS / MINUTE_MS} min`);
  }

  function release(): void {
    ended = true;
    cancelWatch();
    socket.terminate();
  }

  function end(reason: string): void {
    if (ended) return;
    release();
    onEnd(reason);
  }

  return { close: release };
}

/** `ws` delivers one Buffer by default. */
function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
