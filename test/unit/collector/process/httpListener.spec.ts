import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpListener, type HttpListener } from '../../../../src/collector/process/httpListener.ts';
import { waitFor } from '../../../support/waitFor.ts';

describe('HTTP listener of the collector', () => {
  let listener: HttpListener;
  const sockets: Socket[] = [];
  /** Answers that have ended, or been given up. */
  let ended: { count: number };

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listener.close();
  });

  async function open(options: { maxConnections?: number; stalledAfterMs?: number }): Promise<void> {
    const mine = { count: 0 };
    ended = mine;
    listener = createHttpListener({
      handler(_request, response) {
        response.once('close', () => (mine.count += 1));
        response.end(Buffer.alloc(64 * 1_024 * 1_024));
      },
      port: 0,
      host: '127.0.0.1',
      setting: 'PORT',
      maxConnections: 10,
      ...options,
    });
    await listener.open();
  }

  async function join(): Promise<Socket> {
    const socket = connect(listener.port()!, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  it('limits concurrent connections, since each response buffers memory', async () => {
    await open({ maxConnections: 2 });
    const [first, second] = [await join(), await join()];
    const third = await join();
    third.resume();
    await once(third, 'close');
    expect([first.closed, second.closed]).toEqual([false, false]);
    second.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [head] = (await once(second, 'data')) as [Buffer];
    expect(head.toString().split('\r\n')[0]).toBe('HTTP/1.1 200 OK');
  });

  it('closes a connection whose client does not read the response', async () => {
    await open({ stalledAfterMs: 100 });
    const socket = await join();
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitFor('the answer to be given up', () => ended.count === 1);
  });
});
