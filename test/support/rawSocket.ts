import { WebSocket, type ClientOptions } from 'ws';
import { waitFor } from './waitFor.ts';

export type RawSocket = {
  ws: WebSocket;
  messages: string[];
  /** 101 when the upgrade was granted, else the status of the refusal; `null` before either. */
  status(): number | null;
  /** The close code and how long the connection had lived; `null` while it is open. */
  closed(): { code: number; afterMs: number } | null;
  /** Sends the CONNECT packet and waits for the answer to it. */
  introduce(auth?: Record<string, unknown>): Promise<string>;
};

/** A raw websocket, for frames that no client library would send. */
export function openRawSocket(
  url: string,
  options: Pick<ClientOptions, 'headers' | 'perMessageDeflate'> & { query?: string } = {},
): RawSocket {
  const { query = 'EIO=4&transport=websocket', ...client } = options;
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?${query}`, client);
  const messages: string[] = [];
  let status: number | null = null;
  let closed: { code: number; afterMs: number } | null = null;
  let openedAt = performance.now();
  ws.on('open', () => {
    status = 101;
    openedAt = performance.now();
  });
  ws.on('unexpected-response', (_request, response) => {
    status = response.statusCode ?? 0;
    response.resume();
    ws.terminate();
  });
  // Closed while connecting, or cut: the close event follows.
  ws.on('error', () => undefined);
  ws.on('message', (data) => messages.push((data as Buffer).toString('utf8')));
  ws.on('close', (code) => (closed = { code, afterMs: performance.now() - openedAt }));

  return {
    ws,
    messages,
    status: () => status,
    closed: () => closed,
    async introduce(auth) {
      await waitFor('the engine to open', () => messages.some((it) => it.startsWith('0')));
      ws.send(auth ? `40${JSON.stringify(auth)}` : '40');
      return waitFor('the answer to CONNECT', () => messages.find((it) => /^4[04]/.test(it)));
    },
  };
}
