import net from 'node:net';
import type { RedisOptions } from 'ioredis';

const WAIT_MS = 300;

/**
 * The refusal that Redis writes to a new connection before it closes it: `ERR max number of clients reached`, or `DENIED` in
 * protected mode. A client that writes first often sees EPIPE instead. `null`: Redis is silent, as it is to a connection that
 * it accepts, or cannot be reached. Redis behind TLS sends no refusal.
 */
export function readRefusal({ host, port, path }: RedisOptions): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = path === undefined ? net.connect(port ?? 6379, host) : net.connect(path);
    const end = (refusal: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refusal);
    };
    const timer = setTimeout(end, WAIT_MS, null);
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('data', (data) => {
      const reply = data.toString('utf8').split('\r\n')[0]!;
      end(reply.startsWith('-') ? reply.slice(1) : null);
    });
  });
}
