import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { BoardUpdate, type BoardRow } from '../../src/openInterest/openInterest.types.ts';
import { STREAM_EVENTS, type StreamEvents } from '../../src/sockets/events.types.ts';
import { waitFor } from './waitFor.ts';

type Name = keyof StreamEvents;
type StreamEvent = { event: string; id: string | undefined; data: unknown };

export const STREAM_PATH = '/api/market/open-interest/stream';

export type TestStream = {
  events: StreamEvent[];
  /** Everything received, as sent. */
  text(): string;
  headers(): IncomingMessage['headers'];
  /** The answer's status, once its head has arrived. */
  status(): Promise<number>;
  /** The data of the events of a name, each parsed by its schema. */
  of<N extends Name>(name: N): StreamEvents[N][];
  /** Waits for the first event of a name. */
  first<N extends Name>(name: N): Promise<StreamEvents[N]>;
  /** The newest id: what a browser sends as `Last-Event-ID`. */
  lastId(): string | undefined;
  /** Whether the response has ended, by the server's `end` or by a lost connection. */
  ended(): boolean;
  pause(): void;
  resume(): void;
  close(): void;
};

/** Reads an event stream on a connection of its own, and records its events. */
export function openEventStream(url: string, headers: Record<string, string> = {}): TestStream {
  let response: IncomingMessage | undefined;
  let failed: Error | undefined;
  let ended = false;
  let text = '';
  const events: StreamEvent[] = [];
  const request: ClientRequest = httpRequest(url + STREAM_PATH, { headers, agent: false }, (it) => {
    response = it;
    it.setEncoding('utf8');
    let pending = '';
    it.on('data', (chunk: string) => {
      text += chunk;
      const blocks = (pending + chunk).split('\n\n');
      pending = blocks.pop()!;
      events.push(...blocks.flatMap((block) => readBlock(block)));
    });
    it.on('error', () => undefined);
    it.on('close', () => {
      ended = true;
    });
  });
  request.on('error', (error) => {
    failed = error;
    ended = true;
  });
  request.end();

  const it: TestStream = {
    events,
    text: () => text,
    headers: () => response?.headers ?? {},
    async status() {
      await waitFor('the head of the stream', () => response ?? failed);
      if (failed) throw failed;
      return response!.statusCode!;
    },
    of: <N extends Name>(name: N) =>
      events
        .filter((one) => one.event === name)
        .map((one) => STREAM_EVENTS[name].parse(one.data) as StreamEvents[N]),
    first: <N extends Name>(name: N) => waitFor(`the event ${name}`, () => it.of(name)[0]),
    lastId: () => events.findLast((one) => one.id !== undefined)?.id,
    ended: () => ended,
    pause: () => void response?.pause(),
    resume: () => void response?.resume(),
    close: () => void request.destroy(),
  };
  return it;
}

/** A block without data, such as `retry:` alone, is no event. */
function readBlock(block: string): StreamEvent[] {
  const fields = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  const data = fields.get('data');
  if (data === undefined) return [];
  return [
    { event: fields.get('event') ?? 'message', id: fields.get('id'), data: JSON.parse(data) as unknown },
  ];
}

/** Applies the boards and updates of a stream to rows of an earlier one, as the contract says. */
export function applyStream(stream: TestStream, before: ReadonlyMap<string, BoardRow> = new Map()) {
  let rows = new Map(before);
  for (const { event, data } of stream.events) {
    if (event === 'board' && STREAM_EVENTS.board.parse(data).full) rows = new Map();
    if (event !== 'board' && event !== 'update') continue;
    const { rows: changed } = BoardUpdate.pick({ rows: true }).parse(data);
    for (const row of changed) {
      if ('removed' in row) rows.delete(row.symbol);
      else rows.set(row.symbol, { ...rows.get(row.symbol), ...row });
    }
  }
  return rows;
}
