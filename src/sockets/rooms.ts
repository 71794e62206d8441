import { seesRealtime } from '../access/access.types.ts';
import type { Audience } from '../openInterest/board/publisher.types.ts';
import type { RowEncoding, SocketData } from './sockets.types.ts';

/** The server assigns rooms by what the principal may see; a client cannot join any. */

export function audienceRoom(audience: Audience, encoding: RowEncoding): string {
  return `audience:${audience}:${encoding}`;
}

/** Paying users and operators. A socket is in this room at most once, so it is never sent an alert twice. */
export const ALERTS_ROOM = 'alerts';

/** The sockets of a user that may see what its rules fire. */
export function firingsRoom(sub: string): string {
  return `firings:${sub}`;
}

export function subjectRoom(sub: string): string {
  return `subject:${sub}`;
}

export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}

export function roomsOf({ principal, encoding }: SocketData, audience: Audience): string[] {
  const rooms = [audienceRoom(audience, encoding)];
  if (principal.kind !== 'viewer') return rooms;
  rooms.push(subjectRoom(principal.sub), sessionRoom(principal.sessionId));
  if (seesRealtime(principal)) rooms.push(ALERTS_ROOM, firingsRoom(principal.sub));
  return rooms;
}
