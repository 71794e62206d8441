import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { startFaultProxy, type FaultProxy } from '../support/faultProxy.ts';
import { startRedisServer, type RedisServer } from '../support/redis.ts';
import { testRedisUrl } from '../support/testRun.ts';
import { waitFor } from '../support/waitFor.ts';

/** The fault injection of other specs must inject the faults that it claims. */
const releases: (() => unknown)[] = [];

afterEach(async () => {
  for (let release = releases.pop(); release; release = releases.pop()) await release();
});

describe('startRedisServer', () => {
  it('starts a real Redis, separate from the shared one', async () => {
    const own = connect((await startServer()).url);
    const shared = connect(testRedisUrl());
    await own.set('apart', 'yes');
    expect(await own.get('apart')).toBe('yes');
    expect(await shared.get('apart')).toBeNull();
  });

  it('can be stopped, killed and started again on its port', async () => {
    const server = await startServer();
    const client = connect(server.url);
    await client.set('kept', 'no');
    for (const end of [server.stop, server.kill]) {
      await end();
      await expect(client.ping()).rejects.toThrow();
      await server.start();
      await waitFor('Redis to answer again', () => client.ping());
      expect(await client.get('kept')).toBeNull();
    }
  });

  it('can be paused: it accepts connections and does not answer', async () => {
    const server = await startServer();
    const client = connect(server.url);
    await client.ping();
    server.pause();
    await expect(client.ping()).rejects.toThrow('Command timed out');
    server.resume();
    expect(await waitFor('Redis to go on', () => client.ping())).toBe('PONG');
  });
});

describe('startFaultProxy', () => {
  it('delays by the given latency', async () => {
    const { proxy } = await startProxiedEcho();
    proxy.set({ mode: 'pass', latencyMs: 60 });
    const started = performance.now();
    expect(await exchange(proxy.port, 'hello', 5)).toBe('hello');
    // Once each way.
    expect(performance.now() - started).toBeGreaterThanOrEqual(119);
  });

  it('cuts a response after the given bytes', async () => {
    const { proxy, received } = await startProxiedEcho();
    proxy.set({ mode: 'cutReply', afterBytes: 3 });
    await expect(exchange(proxy.port, 'hello', 5)).rejects.toThrow('ended after hel');
    expect(received()).toBe('hello');
  });

  it('delays everything in a black hole, and forwards it afterwards', async () => {
    const { proxy, received } = await startProxiedEcho();
    proxy.set({ mode: 'blackhole' });
    const answer = exchange(proxy.port, 'hello', 5);
    await waitFor('the connection', () => proxy.accepted() === 1);
    expect(received()).toBe('');
    proxy.set({ mode: 'pass' });
    expect(await answer).toBe('hello');
  });

  it('resets open and new connections', async () => {
    const { proxy } = await startProxiedEcho();
    const open = exchange(proxy.port, 'hello', 6);
    await waitFor('the connection', () => proxy.accepted() === 1);
    proxy.set({ mode: 'refuse' });
    await expect(open).rejects.toThrow('ended after');
    await expect(exchange(proxy.port, 'hello', 5)).rejects.toThrow('ended after');
  });
});

async function startServer(): Promise<RedisServer> {
  const server = await startRedisServer();
  releases.push(() => server.stop());
  return server;
}

function connect(url: string): Redis {
  const client = new Redis(url, { commandTimeout: 300, maxRetriesPerRequest: 1, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  releases.push(() => client.disconnect());
  return client;
}

/** An echo server. */
async function startProxiedEcho(): Promise<{ proxy: FaultProxy; received: () => string }> {
  let received = '';
  const echo = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received += bytes.toString();
      socket.write(bytes);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  releases.push(() => new Promise((resolve) => echo.close(resolve)));
  const proxy = await startFaultProxy((echo.address() as net.AddressInfo).port);
  releases.push(() => proxy.close());
  return { proxy, received: () => received };
}

/** Sends `text` and waits for `length` bytes. */
function exchange(port: number, text: string, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (bytes) => {
      answer += bytes.toString();
      if (answer.length < length) return;
      resolve(answer);
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => reject(new Error(`ended after ${answer}`)));
  });
}
