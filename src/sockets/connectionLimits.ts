import type { IncomingMessage } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import { AppError } from '../kit/errors.ts';
import type { Guest, Viewer } from '../access/access.types.ts';
import type { Connection } from './connections.ts';

/**
 * How many connections a user and an address may hold. A place is taken when a connection is let in, not when it has
 * joined its rooms: a hundred that come at once are counted one by one.
 */
export type Crowd = {
  /** False when the address holds so many connections that one more is not even listened to. */
  hasRoom(request: IncomingMessage): boolean;
  /** Counts a connection that has not said yet who it is. */
  arrive(connection: Connection): void;
  /** Counts it as this principal's. Throws 429 when the user or the address has enough. */
  admit(connection: Connection, principal: Viewer | Guest): void;
};

export type CrowdSettings = {
  /** 0 is off, for both. */
  socketsPerUser: number;
  socketsPerIp: number;
  trustProxyHops: number;
};

/** Those who have not said yet who they are, and those who are refused with a reason, go beyond the limit of an address. */
const ARRIVING_PER_ADMITTED = 2;

export function createCrowd(settings: CrowdSettings): Crowd {
  const { socketsPerUser, socketsPerIp, trustProxyHops } = settings;
  const arrived = createTally();
  const byAddress = createTally();
  const byUser = createTally();

  return {
    hasRoom(request) {
      const address = addressOf(request, trustProxyHops);
      return socketsPerIp === 0 || arrived.count(address) < socketsPerIp * ARRIVING_PER_ADMITTED;
    },
    arrive(connection) {
      arrived.take(addressOf(connection.request, trustProxyHops), connection);
    },
    admit(connection, principal) {
      const address = addressOf(connection.request, trustProxyHops);
      if (
        principal.kind === 'viewer' &&
        socketsPerUser > 0 &&
        byUser.count(principal.sub) >= socketsPerUser
      ) {
        throw tooMany(`this user has ${socketsPerUser} connections`);
      }
      if (socketsPerIp > 0 && byAddress.count(address) >= socketsPerIp) {
        throw tooMany(`this address has ${socketsPerIp} connections`);
      }
      byAddress.take(address, connection);
      if (principal.kind === 'viewer') byUser.take(principal.sub, connection);
    },
  };
}

/** Places by key, each given back when its connection closes. */
function createTally() {
  const counts = new Map<string, number>();
  return {
    count: (key: string): number => counts.get(key) ?? 0,
    take(key: string, connection: Connection): void {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      connection.once('close', () => {
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      });
    },
  };
}

function tooMany(why: string): AppError {
  return new AppError(429, 'too_many_sockets', `Too many connections: ${why}; close some first`);
}

/**
 * The peer, or what the trusted proxies in front say it is; of IPv6 the network, as for requests: whoever has one address
 * of it has all of them.
 */
function addressOf(request: IncomingMessage, trustProxyHops: number): string {
  const peer = request.socket.remoteAddress ?? '';
  if (trustProxyHops === 0) return ipKeyGenerator(peer);
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');
  return ipKeyGenerator(forwarded.at(-trustProxyHops) ?? forwarded[0] ?? peer);
}
