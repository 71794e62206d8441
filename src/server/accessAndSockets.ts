import type { Server } from 'node:http';
import { z } from 'zod';
import { createAccess, type Access } from '../access/access.module.ts';
import { AccessChange, type Viewer } from '../access/access.types.ts';
import type { OpenInterest } from '../openInterest/openInterest.module.ts';
import type { Stores } from '../platform/database/stores.ts';
import type { Bus } from '../platform/redis/bus.ts';
import { createSocketServer, type SocketServer } from '../sockets/server.ts';
import type { ServerContext } from './server.context.ts';

const SignOut = z.object({ sessionId: z.string() });

/** Access publishes its changes and sign-outs on the bus. `sockets` and `openInterest` are called after composition only. */
export function openAccess(
  { config, clock }: ServerContext,
  stores: Stores,
  bus: Bus,
  sockets: () => SocketServer,
  openInterest: () => OpenInterest,
): Access {
  return createAccess({
    settings: { ...config.access, allowedOrigins: config.http.allowedOrigins },
    db: stores.upkeep,
    write: stores.write,
    clock,
    publish: (change) => bus.publish('access', change),
    onViewer: (viewer) => openInterest().noteAccess(viewer),
    onSignOut(sessionId) {
      sockets().endSession(sessionId);
      bus.publish('signout', { sessionId });
    },
  });
}

/** `boards` is called after composition only. */
export function openSockets(
  { config, clock, logger, registry, node }: ServerContext,
  httpServer: Server,
  access: Access,
  boards: () => OpenInterest,
): SocketServer {
  return createSocketServer({
    httpServer,
    settings: {
      allowedOrigins: config.http.allowedOrigins,
      socketsPerUser: config.limits.socketsPerUser,
      socketsPerIp: config.limits.socketsPerIp,
      trustProxyHops: config.http.trustProxyHops,
    },
    authenticate: access.authenticate,
    endReasonOf: (viewer) => endReasonOf(access, viewer),
    requireOpen: node.requireOpen,
    boards,
    clock,
    logger,
    registry,
  });
}

/** Applies the access changes and sign-outs of other nodes, and closes the sockets that any change concerns. */
export function syncAccess({ changes }: Access, bus: Bus, sockets: SocketServer): void {
  changes.onChange(sockets.endSubject);
  bus.subscribe('access', AccessChange, changes.applyRemote);
  bus.subscribe('signout', SignOut, ({ sessionId }) => sockets.endSession(sessionId));
}

/** How the viewer's access has changed since authentication; `null`: not at all. */
function endReasonOf(access: Access, viewer: Viewer): 'tier_changed' | 'revoked' | null {
  try {
    return access.changes.judge(viewer).tier === viewer.tier ? null : 'tier_changed';
  } catch {
    return 'revoked';
  }
}
