import type { Page, WebSocketRoute } from 'playwright-core';
import type { SyncRefusal } from '../../../src/sockets/sockets.types.ts';
import { readFrame, type Frame } from './traffic.ts';

/** What becomes of a message between the page and the server. */
type Fate = 'pass' | 'drop' | 'hold';

/** The line between a page and its server, which can be made to fail. Open it in `prepare`. */
export type Wire = {
  /** Asked about every event and answer; at first everything passes. */
  decide: (frame: Frame) => Fate;
  /** Nothing goes either way on the lines that are open now, and nobody is told. */
  mute(): void;
  /** Sends what was held, the other way round if so wished. */
  release(order?: 'as it came' | 'reversed'): void;
  /** Sends the page a message, as if it came from the server. */
  tell(text: string): void;
  /** Answers a question of the page with a refusal, as if it came from the server. */
  refuse(question: Frame, error: SyncRefusal['error']): void;
  /** As a server does that throws a client out: it does not come back by itself. */
  kick(): void;
  /** Messages that were kept from arriving. */
  readonly dropped: readonly Frame[];
};

export async function interceptWire(page: Page): Promise<Wire> {
  let held: (() => void)[] = [];
  let muted = new Set<WebSocketRoute>();
  const open = new Set<WebSocketRoute>();
  const dropped: Frame[] = [];
  let latest: WebSocketRoute | undefined;

  await page.routeWebSocket(/\/socket\.io\//, (line) => {
    const server = line.connectToServer();
    latest = line;
    open.add(line);
    line.onMessage((message) => carry('sent', message, () => server.send(message)));
    server.onMessage((message) => carry('received', message, () => line.send(message)));

    function carry(direction: Frame['direction'], message: string | Buffer, send: () => void): void {
      if (muted.has(line)) return;
      const event = readFrame(String(message));
      const frame = event && { direction, ...event };
      const fate = frame ? wire.decide(frame) : 'pass';
      if (fate === 'pass') send();
      else if (fate === 'hold') held.push(send);
      else if (frame) dropped.push(frame);
    }
  });

  const wire: Wire = {
    decide: () => 'pass',
    mute: () => (muted = new Set(open)),
    release(order = 'as it came') {
      const sends = order === 'reversed' ? held.toReversed() : held;
      held = [];
      for (const send of sends) send();
    },
    tell: (text) => latest?.send(text),
    refuse: ({ id }, error) => latest?.send(`43${id}${JSON.stringify([{ error }])}`),
    kick() {
      // Socket.IO: "disconnected from the namespace".
      latest?.send('41');
    },
    dropped,
  };
  return wire;
}
