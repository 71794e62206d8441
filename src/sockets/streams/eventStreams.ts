import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Response } from 'express';
import { seesRealtime, type Guest, type Viewer } from '../../access/access.types.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import type { Audience, Publisher } from '../../openInterest/board/publisher.types.ts';
import type { BoardPosition } from '../../openInterest/openInterest.types.ts';
import { createBroadcastQueue, type BroadcastQueue } from '../broadcast/queue.ts';
import { closeGently, type Client } from '../connections.ts';
import { createExpiries, type Expiries } from '../expiries.ts';
import type { SocketContext } from '../sockets.context.ts';
import type { StreamEvents } from '../events.types.ts';
import type { SessionEnd } from '../sockets.types.ts';

export type EventStreams = ReturnType<typeof createEventStreams>;

type EventStream = {
  readonly response: Response;
  readonly principal: Viewer | Guest;
  readonly audience: Audience;
  /** Only hello precedes the board: an update would advance the client's position past rows that it lacks. */
  hasBoard: boolean;
};

type StreamsContext = Omit<SocketContext, 'broadcasts' | 'expiries'> & {
  readonly open: Set<EventStream>;
  readonly expiries: Expiries<EventStream>;
  readonly broadcasts: BroadcastQueue<EventStream>;
};

const END_BATCH = 200;
/** How long a client waits before it reconnects after a shutdown: a node's clients do not arrive elsewhere at once. */
const RETRY = { leastMs: SECOND_MS, spreadMs: 4 * SECOND_MS };

/** The open event streams: what sockets are sent, as server-sent events. */
export function createEventStreams(context: SocketContext) {
  const open = new Set<EventStream>();
  const broadcasts = createBroadcastQueue<EventStream>({
    now: () => performance.now(),
    later: setImmediate,
  });
  const expiries = createExpiries<EventStream>(context.clock, (it) => end(streams, it, 'expired'));
  const streams: StreamsContext = { ...context, open, broadcasts, expiries };

  return {
    /** Sends hello, the rows newer than `position` (`null`: the whole board), then what is published. */
    open: (response: Response, principal: Viewer | Guest, position: BoardPosition | null): void =>
      openStream(streams, { response, principal, position }),
    update: (audience, update) => publish(streams, 'update', update, (it) => it.audience === audience),
    pulse: (audience, pulse) => publish(streams, 'pulse', pulse, (it) => it.audience === audience),
    alert: (alert) => publish(streams, 'alert', alert, (it) => seesRealtime(it.principal)),
    firing: ({ userId, firing }) =>
      publish(streams, 'alert-rule-fired', firing, (it) => isOf(userId)(it) && seesRealtime(it.principal)),
    size: (audience: Audience): number => [...open].filter((it) => it.audience === audience).length,
    clientsOf: (sub: string): Client[] => [...open].filter(isOf(sub)).map((it) => it.response),
    endSubject(sub: string, reason: SessionEnd['reason']): void {
      for (const stream of [...open].filter(isOf(sub))) end(streams, stream, reason);
    },
    endSession(sessionId: string): void {
      for (const stream of open) {
        const { principal } = stream;
        if (principal.kind === 'viewer' && principal.sessionId === sessionId) end(streams, stream, 'revoked');
      }
    },
    close: () => closeAll(streams),
  } satisfies Partial<Publisher> & Record<string, unknown>;
}

function openStream(
  context: StreamsContext,
  opening: { response: Response; principal: Viewer | Guest; position: BoardPosition | null },
): void {
  const { open, metrics, expiries } = context;
  const { response, principal, position } = opening;
  if (response.destroyed) return;
  const { audience, ids: _ids, ...hello } = context.boards().hello(principal);
  const stream: EventStream = { response, principal, audience, hasBoard: false };
  open.add(stream);
  metrics.streamsConnected.inc({ audience });
  context.slowConsumers.watch(response);
  if (principal.kind === 'viewer') expiries.add(stream, principal.expiresAt);
  response.once('close', () => {
    open.delete(stream);
    if (principal.kind === 'viewer') expiries.remove(stream, principal.expiresAt);
    metrics.streamsConnected.dec({ audience });
  });
  send(context, stream, encode('hello', hello));
  context.syncTurns.ask(
    response,
    () => context.clientsOf(principal),
    () => sendBoard(context, stream, position),
  );
  // An access change since the authentication found no stream to end.
  const reason = principal.kind === 'viewer' ? context.endReasonOf(principal) : null;
  if (reason) end(context, stream, reason);
}

function sendBoard(context: StreamsContext, stream: EventStream, position: BoardPosition | null): void {
  if (!context.open.has(stream)) return;
  send(context, stream, encode('board', context.boards().body(stream.principal, position)));
  stream.hasBoard = true;
}

/** Encodes the event once for all streams that receive it, and sends it in slices. */
function publish<Name extends keyof StreamEvents>(
  context: StreamsContext,
  name: Name,
  data: StreamEvents[Name],
  isFor: (stream: EventStream) => boolean,
): void {
  const targets = [...context.open].filter((it) => it.hasBoard && isFor(it));
  if (targets.length === 0) return;
  const event = encode(name, data);
  context.broadcasts.add({
    targets,
    send(stream) {
      if (context.open.has(stream)) send(context, stream, event);
    },
  });
}

/** Sends the reason, then ends the stream. A browser reconnects, and is refused unless its session is valid. */
function end(context: StreamsContext, stream: EventStream, reason: SessionEnd['reason']): void {
  context.broadcasts.settle(stream);
  if (!context.open.delete(stream)) return;
  send(context, stream, encode('session', { reason }));
  closeGently(stream.response, context.clock);
  context.metrics.streamsClosed.inc({ reason });
}

/** Ends all streams in batches; the clients reconnect. */
async function closeAll(context: StreamsContext): Promise<void> {
  context.broadcasts.finish();
  for (const [i, stream] of [...context.open].entries()) {
    context.open.delete(stream);
    const retryMs = Math.round(RETRY.leastMs + Math.random() * RETRY.spreadMs);
    send(context, stream, Buffer.from(`retry: ${retryMs}\n\n`));
    closeGently(stream.response, context.clock);
    if (i % END_BATCH === END_BATCH - 1) await nextTurn();
  }
}

function send({ slowConsumers, traffic }: StreamsContext, { response }: EventStream, event: Buffer): void {
  response.write(event, () => slowConsumers.progressed(response));
  traffic.countSent(event.length);
}

function isOf(sub: string): (stream: EventStream) => boolean {
  return ({ principal }) => principal.kind === 'viewer' && principal.sub === sub;
}

function encode<Name extends keyof StreamEvents>(name: Name, data: StreamEvents[Name]): Buffer {
  // A browser sends the last id when it reconnects: the position from which it resumes.
  const id = 'rows' in data ? `id: ${data.epoch}:${data.seq}\n` : '';
  return Buffer.from(`event: ${name}\n${id}data: ${JSON.stringify(data)}\n\n`);
}
