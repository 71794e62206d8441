import { deflateMessage, frameHeadOf, MESSAGE, WORTH_DEFLATING_BYTES } from './frames.ts';

/**
 * The end of a message, the same for many sockets, whose beginnings differ by a few characters. `deflated` is `null` until
 * `ready`, and for an end that is too short to gain by it.
 */
export type SharedEnd = {
  readonly text: string;
  readonly plain: Buffer;
  deflated: Buffer | null;
  /** `null`: there is nothing to wait for. */
  ready: Promise<void> | null;
};

/** The header of a deflate block that is stored as it is (RFC 1951, 3.2.4): a type, the length and its complement. */
const STORED_BYTES = 5;

export function createSharedEnd(text: string): SharedEnd {
  const end: SharedEnd = { text, plain: Buffer.from(text), deflated: null, ready: null };
  if (end.plain.length >= WORTH_DEFLATING_BYTES)
    end.ready = deflateMessage(end.plain).then((deflated) => {
      end.deflated = deflated;
      end.ready = null;
    });
  return end;
}

/**
 * The message as a whole websocket frame in two parts, of which the second is shared. In a compressed one the beginning is
 * a block that is stored, and the end consists of blocks that refer only to themselves.
 */
export function frameOfShared(beginning: string, end: SharedEnd, canInflate: boolean): Buffer[] {
  const first = Buffer.from(MESSAGE + beginning);
  const { deflated, plain } = end;
  if (deflated === null || !canInflate)
    return [Buffer.concat([frameHeadOf(first.length + plain.length, false), first]), plain];
  const stored = Buffer.alloc(STORED_BYTES);
  stored.writeUInt16LE(first.length, 1);
  stored.writeUInt16LE(~first.length & 0xffff, 3);
  const head = frameHeadOf(STORED_BYTES + first.length + deflated.length, true);
  return [Buffer.concat([head, stored, first]), deflated];
}
