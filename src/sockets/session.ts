import { closeGently } from './connections.ts';
import { releaseHandshake } from './handshake.ts';
import { roomsOf } from './rooms.ts';
import type { OpenInterestSocket, SocketContext } from './sockets.context.ts';
import { SyncRequest, type SessionEnd, type SyncAnswer } from './sockets.types.ts';

/**
 * Joins an authenticated socket to its rooms, sends hello and answers its sync requests until its token expires. Thousands of
 * sockets are open, so they share their listeners.
 */
export function createSession(context: SocketContext): (socket: OpenInterestSocket) => void {
  const { metrics, expiries } = context;

  function onSync(this: OpenInterestSocket, ...sent: unknown[]): void {
    answerSync(context, this, sent);
  }

  function onDisconnect(this: OpenInterestSocket): void {
    const { principal, audience } = this.data;
    if (principal.kind === 'viewer') expiries.remove(this, principal.expiresAt);
    metrics.connected.dec({ audience: audience! });
    // The connection carries no other socket; left open it would count against the limits with nothing to limit it.
    this.conn.close();
  }

  return (socket) => {
    const { principal, encoding } = socket.data;
    context.arrivals.admit(socket.conn);
    releaseHandshake(socket);
    const { audience, ids, ...hello } = context.boards().hello(principal);
    socket.data.audience = audience;
    void socket.join(roomsOf(socket.data, audience));
    metrics.connected.inc({ audience });
    if (principal.kind === 'viewer') expiries.add(socket, principal.expiresAt);
    socket.on('open-interest-sync', onSync);
    socket.on('disconnect', onDisconnect);
    if (encoding === 'columns') context.sharedMessages.hello(socket, hello, ids);
    else socket.emit('open-interest-hello', hello);
    // An access change between the handshake and `join` found no socket to close.
    const reason = principal.kind === 'viewer' ? context.endReasonOf(principal) : null;
    if (reason) endSockets(context, socket.id, reason);
  };
}

/** `sent` is unchecked client input: the position, which Python's client omits when it has none, then the callback. */
function answerSync(context: SocketContext, socket: OpenInterestSocket, sent: unknown[]): void {
  const { principal } = socket.data;
  const acknowledge = sent.at(-1) as SyncAnswer | undefined;
  if (typeof acknowledge !== 'function') return;
  const position = SyncRequest.safeParse(sent.length === 1 ? null : sent[0]);
  context.metrics.syncs.inc();
  context.traffic.count('sync');
  const refuse = (code: string, message: string) => acknowledge({ error: { code, message } });
  if (!position.success) {
    return refuse('invalid_position', 'send {epoch, seq}, or null for the whole board');
  }
  const answerNow = () => {
    context.broadcasts.settle(socket);
    context.sharedMessages.answer(socket, position.data, acknowledge);
  };
  const answer = () => {
    const ready = context.sharedMessages.answerReady(socket, position.data);
    if (ready) void ready.then(answerNow);
    else answerNow();
  };
  if (!context.syncTurns.ask(socket.conn, () => context.clientsOf(principal), answer)) {
    refuse('too_many_syncs', 'answers to earlier syncs have not been read yet; wait for them');
  }
}

/** Sends the reason to every socket of a room, then closes them for good: clients do not reconnect by themselves. */
export function endSockets(
  { io, broadcasts, clock, metrics }: SocketContext,
  room: string,
  reason: SessionEnd['reason'],
): void {
  const { adapter, sockets } = io.of('/');
  for (const id of [...(adapter.rooms.get(room) ?? [])]) {
    const socket = sockets.get(id);
    if (!socket) continue;
    broadcasts.settle(socket);
    socket.emit('open-interest-session', { reason });
    socket.disconnect();
    closeGently(socket.conn, clock);
    metrics.closed.inc({ reason });
  }
}
