import type { Page } from 'playwright-core';

/** A Socket.IO event, or the answer to one. */
export type Frame = {
  direction: 'sent' | 'received';
  /** The event's name; `ack` for an answer. */
  name: string;
  /** What it carries. */
  body: unknown;
  /** The number under which an answer is asked for, or given. */
  id: string;
};

/** Everything that went over the wire since the page was opened, in order. */
export type Traffic = {
  readonly frames: readonly Frame[];
  /** `GET /api/session 200`, once it has been answered; `GET /api/session failed` if it never was. */
  readonly requests: readonly string[];
  /** How many sockets were opened. */
  sockets(): number;
  /** What the events of this name carried. */
  received(name: string): unknown[];
  sent(name: string): unknown[];
  /** Board bodies asked for by HTTP. */
  boardRequests(): string[];
};

export function watchTraffic(page: Page): Traffic {
  const frames: Frame[] = [];
  const requests: string[] = [];
  let sockets = 0;

  page.on('websocket', (socket) => {
    sockets += 1;
    socket.on('framesent', ({ payload }) => keep('sent', payload));
    socket.on('framereceived', ({ payload }) => keep('received', payload));
  });
  page.on('response', (response) => keepRequest(response.request(), String(response.status())));
  page.on('requestfailed', (request) => keepRequest(request, 'failed'));

  function keep(direction: Frame['direction'], payload: string | Buffer): void {
    const frame = readFrame(String(payload));
    if (frame) frames.push({ direction, ...frame });
  }

  function keepRequest(request: { method(): string; url(): string }, outcome: string): void {
    const { pathname, search } = new URL(request.url());
    if (!pathname.startsWith('/socket.io'))
      requests.push(`${request.method()} ${pathname}${search} ${outcome}`);
  }

  const named = (direction: Frame['direction'], name: string): unknown[] =>
    frames.filter((it) => it.direction === direction && it.name === name).map((it) => it.body);

  return {
    frames,
    requests,
    sockets: () => sockets,
    received: (name) => named('received', name),
    sent: (name) => named('sent', name),
    boardRequests: () => requests.filter((it) => it.includes('/api/market/open-interest/board')),
  };
}

/** `42["event",body]`, `423["event",body]` that wants an answer, `433[body]` that is one; anything else is no event. */
export function readFrame(text: string): Omit<Frame, 'direction'> | null {
  const [, kind, id = '', json] = /^4([23])(\d*)(\[.*\])$/s.exec(text) ?? [];
  if (json === undefined) return null;
  const parts = JSON.parse(json) as unknown[];
  return kind === '2' ? { name: String(parts[0]), body: parts[1], id } : { name: 'ack', body: parts[0], id };
}
