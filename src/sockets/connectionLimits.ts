import type { IncomingMessage } from 'node:http';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Guest, Viewer } from '../access/access.types.ts';
import { AppError } from '../kit/errors.ts';
import { requestOf, type Client } from './connections.ts';

export type ConnectionLimitSettings = {
  /** 0 is off, for both. */
  socketsPerUser: number;
  socketsPerIp: number;
  trustProxyHops: number;
};

export type ConnectionLimits = ReturnType<typeof createConnectionLimits>;

/** Connections before authentication, and refused ones that still read the reason, are allowed beyond the address's limit. */
const ARRIVING_PER_ADMITTED = 2;

/**
 * Limits the connections of each user and address. A connection counts from its admission and not from joining its rooms,
 * so a hundred simultaneous ones are limited like a hundred in sequence.
 */
export function createConnectionLimits(settings: ConnectionLimitSettings) {
  const { socketsPerUser, socketsPerIp, trustProxyHops } = settings;
  const arrivedByAddress = createConnectionCounts();
  const byAddress = createConnectionCounts();
  const byUser = createConnectionCounts();

  return {
    /** False if the address has so many connections that another one is not even authenticated. */
    mayArrive(request: IncomingMessage): boolean {
      const count = arrivedByAddress.get(addressOf(request, trustProxyHops));
      return socketsPerIp === 0 || count < socketsPerIp * ARRIVING_PER_ADMITTED;
    },
    /** Counts a connection before authentication. */
    countArrival(connection: Client): void {
      arrivedByAddress.add(addressOf(requestOf(connection), trustProxyHops), connection);
    },
    /** Counts an authenticated connection. Throws 429 `too_many_sockets` at the limit of its user or address. */
    admit(connection: Client, principal: Viewer | Guest): void {
      const address = addressOf(requestOf(connection), trustProxyHops);
      const sub = principal.kind === 'viewer' ? principal.sub : null;
      if (sub !== null && socketsPerUser > 0 && byUser.get(sub) >= socketsPerUser) {
        throw tooMany(`this user has ${socketsPerUser} connections`);
      }
      if (socketsPerIp > 0 && byAddress.get(address) >= socketsPerIp) {
        throw tooMany(`this address has ${socketsPerIp} connections`);
      }
      byAddress.add(address, connection);
      if (sub !== null) byUser.add(sub, connection);
    },
  };
}

/** Open connections by key. */
function createConnectionCounts() {
  const counts = new Map<string, number>();
  const keys = new Map<Client, string>();

  function onClose(this: Client): void {
    const key = keys.get(this);
    if (key === undefined) return;
    keys.delete(this);
    const left = (counts.get(key) ?? 1) - 1;
    if (left === 0) counts.delete(key);
    else counts.set(key, left);
  }

  return {
    get: (key: string): number => counts.get(key) ?? 0,
    /** Counts the connection, once, until it closes. */
    add(key: string, connection: Client): void {
      keys.set(connection, key);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      connection.on('close', onClose);
    },
  };
}

function tooMany(why: string): AppError {
  return new AppError(429, 'too_many_sockets', `Too many connections: ${why}; close some first`);
}

/**
 * The peer's address, or the client's as forwarded by the trusted proxies. An IPv6 address counts as its network, as in
 * the request limits, because one client usually has the whole network.
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
