import { z } from 'zod';
import { GUEST, type Guest, type Principal, type Viewer } from '../../access/access.types.ts';
import { readSessionCookie } from '../../access/sessionCookie.ts';
import { PositionText } from '../../openInterest/openInterest.types.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { SocketContext } from '../sockets.context.ts';
import type { EventStreams } from './eventStreams.ts';

type StreamRouteContext = Pick<SocketContext, 'authenticate' | 'connectionLimits' | 'requireOpen'> & {
  streams: EventStreams;
};

const HEADERS = {
  'Content-Type': 'text/event-stream',
  // `no-transform` also keeps the compression of this server from buffering.
  'Cache-Control': 'no-cache, no-transform',
  Vary: 'Authorization, Cookie',
  'X-Accel-Buffering': 'no',
};

export function createEventStreamRoutes(context: StreamRouteContext): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/market/open-interest/stream',
      access: 'anyone',
      operationId: 'streamOpenInterest',
      summary: 'The live feed as server-sent events',
      description:
        'Events `hello`, `board`, `update`, `pulse`, `alert`, `alert-rule-fired`, `session`, described in /asyncapi.json. ' +
        'Live for Pro and Elite, the 5-minute snapshots for all others. A stream counts as a socket for the limits of ' +
        'users and addresses.',
      headers: z.object({
        'last-event-id': PositionText.optional().meta({
          description: '`EPOCH:SEQ`, the last id received: `board` then has only the rows that are newer',
        }),
      }),
      responses: { 200: { description: 'An endless response', contentType: 'text/event-stream' } },
      refusals: { 429: 'Rate limit exceeded, see Retry-After; or too many connections' },
      async handle({ principal, headers, request, response }) {
        const viewer = await identify(context, principal, readSessionCookie(request.headers));
        context.requireOpen();
        if (!response.destroyed) context.connectionLimits.admit(response, viewer);
        const position = headers['last-event-id'] ?? null;
        return {
          status: 200,
          headers: HEADERS,
          open: () => context.streams.open(response, viewer, position),
        };
      },
    }),
  ];
}

/** As for sockets, an invalid session is refused, so that a page asks for sign-in instead of showing a guest's board. */
async function identify(
  { authenticate }: StreamRouteContext,
  principal: Principal,
  cookie: string | undefined,
): Promise<Viewer | Guest> {
  if (principal.kind === 'viewer') return principal;
  return principal.kind === 'guest' && cookie !== undefined ? authenticate(cookie) : GUEST;
}
