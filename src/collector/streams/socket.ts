import WebSocket, { type RawData } from 'ws';
import { describeError } from '../../kit/errors.ts';
import { CONNECT_WITHIN_MS, type Outbound } from '../outbound/outbound.ts';

/**
 * A socket to a stream of the exchange, for one connection. `onEnd` is called once with the reason, unless it was closed
 * here. `end` closes it for a reason that only the reader knows, such as silence.
 */
export function openStreamSocket(options: {
  url: string;
  outbound: Pick<Outbound, 'socketAgentFor'>;
  largestMessageBytes: number;
  onOpen: () => void;
  onMessage: (text: string) => void;
  onPing?: () => void;
  onEnd: (reason: string) => void;
}) {
  const { url, outbound, onOpen, onMessage, onPing, onEnd } = options;
  let ended = false;
  const agent = outbound.socketAgentFor(url);
  const socket = new WebSocket(url, {
    ...(agent && { agent }),
    handshakeTimeout: CONNECT_WITHIN_MS,
    perMessageDeflate: false,
    maxPayload: options.largestMessageBytes,
  });
  const unlessEnded = (act: () => void) => (): void => {
    if (!ended) act();
  };
  socket.on('open', unlessEnded(onOpen));
  if (onPing) socket.on('ping', unlessEnded(onPing));
  socket.on('message', (data) => {
    if (!ended) onMessage(textOf(data));
  });
  socket.on('error', (error) => end(describeError(error)));
  socket.on('close', (code, reason) => end(`closed by the exchange (${code} ${reason.toString()})`.trim()));

  function close(): void {
    ended = true;
    socket.terminate();
  }

  function end(reason: string): void {
    if (ended) return;
    close();
    onEnd(reason);
  }

  return { close, end };
}

/** `ws` delivers one Buffer by default. */
function textOf(data: RawData): string {
  return (data as Buffer).toString();
}
