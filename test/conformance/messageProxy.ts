import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

/**
 * What happens to updates of the board, the other messages pass:
 * - `drop`: they are lost
 * - `repeat`: each is sent twice, and once more when the mode ends
 * - `reverse`: all are sent when the mode ends, the last one first
 */
type Mode = 'pass' | 'drop' | 'repeat' | 'reverse';

/** Text frames of Engine.IO that carry an update, as named rows or as columns. */
const UPDATE = /^42\["open-interest-(update|frame)"/;

export type MessageProxy = Awaited<ReturnType<typeof startMessageProxy>>;

/** Listens in front of a server for WebSocket clients and disturbs the messages they receive. */
export async function startMessageProxy(targetUrl: () => string) {
  let mode: Mode = 'pass';
  const links = new Set<Link>();
  const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => listener.once('listening', resolve));
  listener.on('connection', (client, { url = '/' }) => {
    const link = createLink(client, new WebSocket(targetUrl().replace('http', 'ws') + url), () => mode);
    links.add(link);
    client.once('close', () => links.delete(link));
  });
  const { port } = listener.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    set(next: Mode): void {
      for (const link of links) link.release();
      mode = next;
    },
    cut(): void {
      for (const link of links) link.cut();
    },
    async close(): Promise<void> {
      for (const link of links) link.cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

type Link = { release(): void; cut(): void };

function createLink(client: WebSocket, server: WebSocket, currentMode: () => Mode): Link {
  const early: string[] = [];
  let kept: string[] = [];

  client.on('message', (data) => {
    const text = String(data as Buffer);
    if (server.readyState === WebSocket.CONNECTING) early.push(text);
    else server.send(text);
  });
  server.on('open', () => early.forEach((text) => server.send(text)));
  server.on('message', (data) => {
    const text = String(data as Buffer);
    const mode = UPDATE.test(text) ? currentMode() : 'pass';
    if (mode === 'pass' || mode === 'repeat') client.send(text);
    if (mode === 'repeat') client.send(text);
    if (mode === 'repeat' || mode === 'reverse') kept.unshift(text);
  });
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => undefined);
    one.once('close', () => other.terminate());
  }

  return {
    release() {
      for (const text of kept) client.send(text);
      kept = [];
    },
    cut() {
      client.terminate();
      server.terminate();
    },
  };
}
