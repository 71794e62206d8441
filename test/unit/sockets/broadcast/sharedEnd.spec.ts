import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as ws from 'ws';
import { frameHeadOf } from '../../../../src/sockets/broadcast/frames.ts';
import { createSharedEnd, frameOfShared } from '../../../../src/sockets/broadcast/sharedEnd.ts';

/** Missing from the library's types. */
const { Sender } = ws as unknown as { Sender: { frame(payload: Buffer, options: object): [Buffer, Buffer] } };

describe('the head of a frame', () => {
  it.each([0, 125, 126, 65_535, 65_536, 70_000])('is that of ws for a payload of %i bytes', (bytes) => {
    for (const rsv1 of [false, true]) {
      const options = { opcode: 1, fin: true, mask: false, readOnly: false, rsv1 };
      expect(frameHeadOf(bytes, rsv1)).toEqual(Sender.frame(Buffer.alloc(bytes), options)[0]);
    }
  });
});

describe('a message with a shared end', () => {
  it('is the beginning and the end, plain and deflated', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(2_000),
        async (beginning, unit, times) => {
          const end = createSharedEnd(unit.repeat(times));
          const message = `4${beginning}${end.text}`;
          const [plainHead, plain] = frameOfShared(beginning, end, true);
          expect(payloadOf(plainHead!, plain!).toString()).toBe(message);
          await end.ready;
          const [head, shared] = frameOfShared(beginning, end, true);
          expect(readText(head!, shared!)).toBe(message);
          expect(shared).toBe(frameOfShared('another', end, true)[1]);
          expect(frameOfShared(beginning, end, false)).toEqual([plainHead, plain]);
        },
      ),
      { numRuns: 50 },
    );
  });
});

function payloadOf(...parts: Buffer[]): Buffer {
  const frame = Buffer.concat(parts);
  return frame.subarray({ 126: 4, 127: 10 }[frame[1]!] ?? 2);
}

function readText(...parts: Buffer[]): string {
  const payload = payloadOf(...parts);
  const isDeflated = (parts[0]![0]! & 0x40) !== 0;
  return (isDeflated ? inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }) : payload).toString();
}
