import { GUEST, type Guest, type Viewer } from '../access/access.types.ts';
import { isAllowedOrigin } from '../access/origin.ts';
import { readSessionCookie } from '../access/sessionCookie.ts';
import { AppError, coerceError, UnauthorizedError } from '../kit/errors.ts';
import { FRAMES } from '../openInterest/board/frames.types.ts';
import type { OpenInterestSocket, SocketContext } from './sockets.context.ts';
import type { RowEncoding } from './sockets.types.ts';

/**
 * Frees what only the handshake needs of a socket that is admitted: its request with the headers, as Socket.IO recommends,
 * and its token.
 */
export function releaseHandshake(socket: OpenInterestSocket): void {
  Object.assign(socket.conn, { request: null });
  Object.assign(socket, { handshake: null });
}

/**
 * Socket.IO middleware: sets `socket.data`, or refuses the socket with `err.message` and `err.data.code`. A
 * temporary fault (5xx) closes the connection instead, because a client retries after a close and gives up after an error.
 */
export function authenticateSocket(
  context: SocketContext,
  socket: OpenInterestSocket,
  next: (refusal?: Error) => void,
): void {
  const { conn } = socket;
  const close = (): void => {
    conn.close();
    // Socket.IO keeps the socket of a closed connection until `next` is called.
    next();
  };
  // A second socket on the same connection would be sent every message twice.
  if (context.handshaken.has(conn)) return close();
  context.handshaken.add(conn);
  identify(context, socket.handshake)
    .then((principal) => {
      context.requireOpen();
      if (conn.readyState === 'open') context.connectionLimits.admit(conn, principal);
      socket.data = { principal, encoding: encodingOf(socket.handshake.auth) };
      next();
    })
    .catch((thrown: unknown) => {
      context.metrics.refused.inc();
      context.traffic.count('refused');
      if (thrown instanceof AppError && thrown.status >= 500) close();
      else next(withCode(coerceError(thrown)));
    });
}

/**
 * A token takes precedence over the session cookie; without credentials, or with the token `guest`, the socket is a
 * guest's. The cookie counts only with an allowed Origin: without one the client is a program, and programs send tokens.
 * An invalid cookie is refused like an invalid token, so that the page asks for sign-in instead of showing a guest's board.
 */
async function identify(
  { authenticate, settings }: SocketContext,
  { auth, headers }: OpenInterestSocket['handshake'],
): Promise<Viewer | Guest> {
  const token: unknown = auth['token'];
  if (token === 'guest') return GUEST;
  if (token !== undefined && token !== null && token !== '') {
    if (typeof token !== 'string')
      throw new UnauthorizedError('auth.token must be text', { code: 'token_malformed' });
    return authenticate(token);
  }
  const { origin, host } = headers;
  const cookie = isAllowedOrigin({ origin, host, allowed: settings.allowedOrigins })
    ? readSessionCookie(headers)
    : undefined;
  return cookie === undefined ? GUEST : authenticate(cookie);
}

/** Named rows, which every client reads, unless the client asks for a version of frames that this server sends. */
function encodingOf({ frames }: OpenInterestSocket['handshake']['auth']): RowEncoding {
  return frames === FRAMES ? 'columns' : 'named';
}

function withCode(error: Error): Error {
  const code = error instanceof AppError ? error.code : 'internal';
  const message = error instanceof AppError ? error.message : 'Internal server error';
  return Object.assign(new Error(message), { data: { code } });
}
