import { seesRealtime, type Guest, type Viewer } from '../access/access.types.ts';
import type { Audience } from '../openInterest/board/publisher.types.ts';

/** The server assigns rooms by what the principal may see; a client cannot join any. */

export function audienceRoom(audience: Audience): string {
  return `audience:${audience}`;
}

/** Paying users and operators. A socket is in this room at most once, so it is never sent an alert twice. */
export const ALERTS_ROOM = 'alerts';

export function subjectRoom(sub: string): string {
  return `subject:${sub}`;
}

export function sessionRoom(sessionId: string): string {
  return `session:${sessionId}`;
}

export function roomsOf(principal: Viewer | Guest, audience: Audience): string[] {
  const rooms = [audienceRoom(audience)];
  if (seesRealtime(principal)) rooms.push(ALERTS_ROOM);
  if (principal.kind === 'viewer') rooms.push(subjectRoom(principal.sub), sessionRoom(principal.sessionId));
  return rooms;
}
