import net from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * What the proxy does with connections. A change affects open connections immediately.
 * - `pass`: forwards everything, after `latencyMs` if set
 * - `blackhole`: accepts, carries nothing either way and never closes, as a server behind a dead link
 * - `refuse`: resets open and new connections
 * - `cutReply`: carries requests, and resets the connection after `afterBytes` of its answer: the
 *   work is done and the client never learns of it
 */
type Fault =
  | { mode: 'pass'; latencyMs?: number }
  | { mode: 'blackhole' }
  | { mode: 'refuse' }
  | { mode: 'cutReply'; afterBytes: number };

export type FaultProxy = {
  port: number;
  set(fault: Fault): void;
  /** How many connections have been accepted so far. */
  accepted(): number;
  close(): Promise<void>;
};

/** A proxy in front of what has this URL, and the URL through the proxy. */
export async function startUrlProxy(target: string): Promise<FaultProxy & { url: string }> {
  const url = new URL(target);
  const proxy = await startFaultProxy(Number(url.port));
  url.port = String(proxy.port);
  return { ...proxy, url: url.href };
}

/** Listens in front of `targetPort` on this machine and injects faults. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let fault: Fault = { mode: 'pass' };
  let accepted = 0;
  const links = new Set<Link>();
  const server = net.createServer((client) => {
    accepted += 1;
    const link = createLink(client, net.connect(targetPort, '127.0.0.1'), () => fault);
    links.add(link);
    client.once('close', () => links.delete(link));
    link.obey();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      fault = next;
      for (const link of links) link.obey();
    },
    accepted: () => accepted,
    async close() {
      for (const link of links) link.reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Statements that were sent together are done by then. */
const CUT_MS = 100;

type Link = {
  /** Applies the current fault. */
  obey(): void;
  reset(): void;
};

function createLink(client: net.Socket, target: net.Socket, currentFault: () => Fault): Link {
  /** Answer bytes since the present fault was set. */
  let answered = 0;
  let heldBack: (() => void)[] = [];

  function reset(): void {
    client.resetAndDestroy();
    target.resetAndDestroy();
  }

  function carry(bytes: Buffer, to: net.Socket): void {
    const fault = currentFault();
    if (fault.mode === 'blackhole') heldBack.push(() => carry(bytes, to));
    else if (fault.mode === 'refuse') reset();
    else if (fault.mode === 'cutReply' && to === client) cut(bytes, fault.afterBytes);
    else if (fault.mode === 'pass' && fault.latencyMs) setTimeout(() => to.write(bytes), fault.latencyMs);
    else to.write(bytes);
  }

  function cut(bytes: Buffer, afterBytes: number): void {
    const rest = afterBytes - answered;
    answered += bytes.length;
    if (bytes.length <= rest) client.write(bytes);
    else if (rest >= 0) {
      client.write(bytes.subarray(0, rest));
      // After the bytes that passed, and after the other side has processed what was sent with them.
      setTimeout(reset, CUT_MS);
    }
  }

  /** Closes the other side when one side has closed, except in a black hole. */
  function part(other: net.Socket): void {
    const fault = currentFault();
    if (fault.mode === 'blackhole') heldBack.push(() => other.end());
    else if (fault.mode === 'pass' && fault.latencyMs) setTimeout(() => other.end(), fault.latencyMs);
    else other.end();
  }

  client.on('data', (bytes) => carry(bytes, target));
  target.on('data', (bytes) => carry(bytes, client));
  client.on('error', () => undefined);
  target.on('error', () => undefined);
  client.once('close', () => part(target));
  target.once('close', () => part(client));

  return {
    obey() {
      answered = 0;
      const waiting = heldBack;
      heldBack = [];
      if (currentFault().mode === 'refuse') reset();
      else for (const resume of waiting) resume();
    },
    reset,
  };
}
