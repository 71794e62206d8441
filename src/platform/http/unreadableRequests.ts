import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../kit/logger.ts';
import type { ErrorBody } from './errorHandler.ts';

type Refused = { status: number; code: string; message: string };

/**
 * Answers what never becomes a request: invalid HTTP, too large headers, too slow senders. Node's own answer has no body;
 * this one has the same body as every other error.
 */
export function answerUnreadableRequests(server: Server, logger: Logger): void {
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => answering.set(request.socket, response));

  server.on('clientError', (fault: NodeJS.ErrnoException, socket) => {
    const requestId = randomUUID();
    const refused = REFUSALS[fault.code ?? ''] ?? MALFORMED;
    logger.debug({ requestId, fault: fault.code, status: refused.status }, 'unreadable request refused');
    // Inside a response that has begun, another one would be taken for data.
    if (socket.writable && !answering.get(socket)?.headersSent) socket.write(render(refused, requestId));
    // Closes both directions: a client that is slow on purpose would keep its own open.
    if (socket instanceof Socket) socket.destroySoon();
    else socket.destroy();
  });
}

const MALFORMED: Refused = {
  status: 400,
  code: 'malformed_http',
  message: 'This is not a valid HTTP/1.1 request',
};

/** By Node's error code; every other error of the parser is malformed_http. */
const REFUSALS: Readonly<Record<string, Refused>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers_too_large',
    message: 'The headers are larger than 16 kB; send fewer or shorter ones',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'body_too_large',
    message: 'The chunk extensions are larger than 16 kB; send none',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request_timeout',
    message: 'The request came too slowly: headers get 10 s, the whole request 15 s; send it again',
  },
};

function render({ status, code, message }: Refused, requestId: string): string {
  const error: ErrorBody = { error: { code, message, requestId } };
  const body = JSON.stringify(error);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
