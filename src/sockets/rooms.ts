import { seesRealtime, type Guest, type Viewer } from '../access/access.types.ts';
import type { Audience } from '../openInterest/board/publisher.types.ts';

/** Rooms are the server's business: a client is put into them by what it may see and cannot join any itself. */

export function audienceRoom(audience: Audience): string {
  return `audience:${audience}`;
}

/** Alerts are for those who pay and for operators; each socket is in this room at most once, so nobody hears one twice. */
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
