import { spawn } from 'node:child_process';
import net from 'node:net';
import os from 'node:os';
import { Redis } from 'ioredis';
import { findFreePort } from '../../src/platform/embedded/freePort.ts';
import { findRedisBinary } from './redisBinary.ts';
import { waitFor } from './waitFor.ts';

export type RedisServer = {
  url: string;
  port: number;
  /** Ends it in good order; nothing is saved. */
  stop(): Promise<void>;
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** Stops it without ending it: the port accepts, nothing answers. */
  pause(): void;
  resume(): void;
  /** Runs it again after `stop` or `kill`, empty, on the same port. */
  start(): Promise<void>;
};

/** The Redis of the whole run: TEST_REDIS_URL, or a server of our own. */
export async function startSharedRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env['TEST_REDIS_URL'];
  if (url) return { url, stop: async () => undefined };
  return startRedisServer();
}

/** A client that waits for its server, for specs that look into it. */
export function openRedisClient(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  return client;
}

/** A server of a spec's own, for what may happen to a Redis. `settings` as on its command line: `['--maxmemory', '1mb']`. */
export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const { program, env } = findRedisBinary();
  const port = await findFreePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    ...settings,
  ];
  let running = await launch();

  async function launch(): Promise<ReturnType<typeof spawn>> {
    // Elsewhere it would write a dump into the folder of the spec.
    const child = spawn(program, args, { env, stdio: 'ignore', cwd: os.tmpdir() });
    child.unref();
    await waitFor('Redis to answer PING', () => {
      if (child.exitCode !== null) return false;
      return ping(port);
    });
    return child;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (running.exitCode !== null || running.signalCode !== null) return;
    running.ref();
    const ended = new Promise((resolve) => running.once('exit', resolve));
    // A stopped process does not receive SIGTERM until it continues.
    running.kill('SIGCONT');
    running.kill(signal);
    await ended;
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => void running.kill('SIGSTOP'),
    resume: () => void running.kill('SIGCONT'),
    async start() {
      running = await launch();
    },
  };
}

function ping(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      resolve(answer.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
