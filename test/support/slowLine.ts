import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type SlowLine = {
  port: number;
  /** Bytes that have come out at the end of the clients. */
  received(): number;
  close(): Promise<void>;
};

/** Bytes that are on their way at once: a piece arrives as a whole. */
const PIECE = 1_460;

/**
 * A line to `targetPort` of this machine, as of a phone far away: all connections share `bytesPerSecond` in each direction, and
 * each byte takes `latencyMs` more. What has no room waits at the sender.
 */
export async function startSlowLine(
  targetPort: number,
  { bytesPerSecond, latencyMs }: { bytesPerSecond: number; latencyMs: number },
): Promise<SlowLine> {
  const sockets = new Set<net.Socket>();
  let received = 0;
  const [up, down] = [createPace(bytesPerSecond), createPace(bytesPerSecond)];
  const server = net.createServer((client) => {
    const target = net.connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }
    void carry(client, target, up);
    void carry(target, client, (bytes) => {
      received += bytes;
      return down(bytes);
    });
  });

  async function carry(from: net.Socket, to: net.Socket, pace: (bytes: number) => Promise<void>) {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length; at += PIECE) {
          const piece = chunk.subarray(at, at + PIECE);
          await pace(piece.length);
          setTimeout(() => to.write(piece), latencyMs);
        }
      }
    } catch {
      // A reset is passed on like an end.
    }
    setTimeout(() => to.end(), latencyMs);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Waits until the line has carried what came before. */
function createPace(bytesPerSecond: number): (bytes: number) => Promise<void> {
  let freeAt = 0;
  return async (bytes) => {
    const now = performance.now();
    freeAt = Math.max(now, freeAt) + (bytes / bytesPerSecond) * 1_000;
    await sleep(freeAt - now);
  };
}
