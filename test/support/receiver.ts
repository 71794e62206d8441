import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type ReceivedPost = {
  path: string;
  headers: Record<string, string>;
  body: string;
  /** `webhook-id`. */
  id: string;
};

/** How a receiver treats a request; `after`: what it waits for before it answers. */
export type Treatment =
  | { status: number; headers?: Record<string, string>; body?: string; after?: Promise<unknown> }
  /** Never answers. */
  | 'hang'
  /** Ends the connection instead of answering. */
  | 'cut';

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** An HTTP server that records what is posted to it. */
export async function startReceiver(
  treat: (post: ReceivedPost, count: number) => Treatment = () => ({ status: 204 }),
) {
  const posts: ReceivedPost[] = [];
  /** Those that were answered 2xx. */
  const accepted: ReceivedPost[] = [];
  let port = 0;
  let server: Server;
  let current = treat;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = request.headers as Record<string, string>;
    const body = await text(request);
    const post = { path: request.url!, headers, body, id: headers['webhook-id'] ?? '' };
    posts.push(post);
    const treatment = current(post, posts.length);
    if (treatment === 'hang') return;
    if (treatment === 'cut') {
      request.socket.destroy();
      return;
    }
    await treatment.after;
    if (treatment.status < 300) accepted.push(post);
    response.writeHead(treatment.status, treatment.headers).end(treatment.body);
  }

  async function up(): Promise<void> {
    // A sender that disconnects during a request is no fault of the receiver.
    server = createServer((request, response) => void handle(request, response).catch(() => undefined));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  }

  async function down(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  await up();
  return {
    url: `http://127.0.0.1:${port}`,
    posts,
    accepted,
    treat(how: typeof treat): void {
      current = how;
    },
    /** Listens on the same port again. */
    up,
    down,
    close: down,
  };
}
