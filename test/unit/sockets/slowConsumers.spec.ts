import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from '@jest/globals';
import { createSlowConsumers } from '../../../src/sockets/slowConsumers.ts';
import { createFakeClock } from '../../support/fakeClock.ts';

/** Without a connection nothing that is written leaves its buffer. */
function unreadStream(): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.write('waits');
  return response;
}

it('B5 cut off a client after 10 s without progress', () => {
  const clock = createFakeClock();
  const slowConsumers = createSlowConsumers(clock);
  const stream = unreadStream();
  slowConsumers.watch(stream);
  for (let second = 1; second <= 9; second += 1) {
    clock.advance(1_000);
    expect(slowConsumers.check().closed).toEqual([]);
  }
  clock.advance(1_000);
  expect(slowConsumers.check().closed).toEqual([stream]);
  expect(stream.destroyed).toBe(true);
});

it('B5 do not count the time in which this process was suspended', () => {
  const clock = createFakeClock();
  const slowConsumers = createSlowConsumers(clock);
  slowConsumers.watch(unreadStream());
  clock.advance(1_000);
  slowConsumers.check();
  clock.advance(60_000);
  expect(slowConsumers.check().closed).toEqual([]);
});

it('B5 cut off a client after about 10 s although the clock is set back meanwhile', () => {
  const clock = createFakeClock();
  const slowConsumers = createSlowConsumers(clock);
  const stream = unreadStream();
  slowConsumers.watch(stream);
  clock.advance(1_000);
  slowConsumers.check();
  clock.set(clock.now() - 3_600_000);
  for (let second = 1; second <= 11 && !stream.destroyed; second += 1) {
    slowConsumers.check();
    clock.advance(1_000);
  }
  expect(stream.destroyed).toBe(true);
});
