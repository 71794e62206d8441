import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBroadcastQueue } from '../../../../src/sockets/broadcast/queue.ts';

const TARGETS = [0, 1, 2, 3, 4, 5];

/** A queue whose clock moves with each reading and whose later tasks run when the test says so. */
function aQueue({ msPerSend = 1 } = {}) {
  let now = 0;
  const later: (() => void)[] = [];
  const received: number[][] = TARGETS.map(() => []);
  const queue = createBroadcastQueue<number>({
    now: () => (now += msPerSend),
    later: (task) => later.push(task),
  });
  return {
    queue,
    received,
    later,
    broadcast(id: number, targets: readonly number[], ready?: Promise<void>) {
      queue.add({ targets, send: (target) => received[target]!.push(id), ready });
    },
    async runAll() {
      for (let turns = 0; turns < 1_000; turns += 1) {
        await Promise.resolve();
        later.shift()?.();
      }
    },
  };
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('broadcast' as const), to: fc.subarray(TARGETS), waits: fc.boolean() }),
  fc.record({ kind: fc.constant('direct' as const), target: fc.constantFrom(...TARGETS) }),
  fc.record({ kind: fc.constant('turn' as const) }),
  fc.record({ kind: fc.constant('prepared' as const) }),
  fc.record({ kind: fc.constant('finish' as const) }),
);

describe('createBroadcastQueue', () => {
  it('sends each target everything in the order of sending, however broadcasts are sliced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 80 }),
        fc.integer({ min: 0, max: 3 }),
        async (steps, msPerSend) => {
          const { queue, received, later, broadcast, runAll } = aQueue({ msPerSend });
          const expected: number[][] = TARGETS.map(() => []);
          const prepare: (() => void)[] = [];
          for (const [id, it] of steps.entries()) {
            if (it.kind === 'broadcast') {
              for (const target of it.to) expected[target]!.push(id);
              broadcast(id, it.to, it.waits ? new Promise((done) => prepare.push(done)) : undefined);
            } else if (it.kind === 'direct') {
              expected[it.target]!.push(id);
              queue.settle(it.target);
              received[it.target]!.push(id);
            } else if (it.kind === 'turn') later.shift()?.();
            else if (it.kind === 'prepared') {
              prepare.shift()?.();
              await Promise.resolve();
            } else queue.finish();
            for (const target of TARGETS)
              expect(received[target]).toEqual(expected[target]!.slice(0, received[target]!.length));
          }
          for (const done of prepare) done();
          await runAll();
          expect(received).toEqual(expected);
        },
      ),
    );
  });

  it('keeps a broadcast that is added while another one is sent', async () => {
    const { queue, received, broadcast, runAll } = aQueue();
    const ready = Promise.resolve();
    let isAdded = false;
    queue.add({
      targets: TARGETS,
      send(target) {
        received[target]!.push(0);
        if (!isAdded) broadcast(1, TARGETS, ready);
        isAdded = true;
      },
    });
    await runAll();
    expect(received).toEqual(TARGETS.map(() => [0, 1]));
  });

  it('leaves the event loop between slices of a few milliseconds', () => {
    const { received, later, broadcast } = aQueue({ msPerSend: 2 });
    broadcast(1, TARGETS);
    const first = received.flat().length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(TARGETS.length);
    expect(later).toHaveLength(1);
    while (later.length > 0) later.shift()!();
    expect(received).toEqual(TARGETS.map(() => [1]));
  });

  it('keeps no more than 16 broadcasts of a node that is too slow', () => {
    const { received, broadcast } = aQueue();
    const never = new Promise<void>(() => undefined);
    for (let id = 0; id < 20; id += 1) broadcast(id, TARGETS, never);
    expect(received).toEqual(TARGETS.map(() => [0, 1, 2, 3]));
  });
});
