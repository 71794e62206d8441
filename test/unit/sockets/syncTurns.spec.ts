import { EventEmitter } from 'node:events';
import { expect, it } from '@jest/globals';
import type { Connection } from '../../../src/sockets/connections.ts';
import { createSyncTurns } from '../../../src/sockets/syncTurns.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

it('B8 keeps no listener of a connection whose requests are answered', () => {
  const clock = createFakeClock();
  const turns = createSyncTurns(clock);
  const socket = Object.assign(new EventEmitter(), { transport: {}, writeBuffer: [] as { data: string }[] });
  const connection = socket as unknown as Connection;
  let answers = 0;
  for (let i = 0; i < 20; i += 1) {
    socket.writeBuffer = [{ data: 'x'.repeat(100_000) }];
    expect(
      turns.ask(
        connection,
        () => [connection],
        () => (answers += 1),
      ),
    ).toBe(true);
    expect(answers).toBe(i);
    socket.writeBuffer = [];
    clock.advance(50);
  }
  expect([answers, socket.listenerCount('close')]).toEqual([20, 0]);
});
