const LONGEST_TEXT = 4_096;
/** The engine's and Socket.IO's types of a message and its number. */
const PREFIX_BYTES = 3;
/** The header of a deflate block that is stored as it is: the beginning of a message of which sockets share the end. */
const STORED_BYTES = 5;

export type ReceivedFrame = {
  /** On the wire. */
  bytes: number;
  /** The first characters of a text, `null` of one that is compressed from its beginning. */
  prefix: string | null;
};

/**
 * Follows the frames of a server on one connection: calls `onFrame` when one is complete, `onText` with those that are short and not
 * compressed. Payloads of long frames are skipped.
 */
export function createFrameReader(on: {
  onFrame: (frame: ReceivedFrame) => void;
  onText: (text: string) => void;
}) {
  let pending: Buffer = Buffer.alloc(0);
  let frame: ReceivedFrame = { bytes: 0, prefix: null };
  /** Bytes of the current frame still to come, 0 between frames. */
  let rest = 0;

  return function read(chunk: Buffer): void {
    let data = chunk;
    if (pending.length > 0) {
      data = Buffer.concat([pending, chunk]);
      pending = Buffer.alloc(0);
    }
    let at = 0;
    while (at < data.length) {
      if (rest > 0) {
        const skipped = Math.min(rest, data.length - at);
        at += skipped;
        rest -= skipped;
        if (rest === 0) on.onFrame(frame);
        continue;
      }
      const head = headAt(data, at);
      if (head === null) return keep(at);
      const isShort = head.payload <= LONGEST_TEXT;
      const needed = isShort ? head.payload : STORED_BYTES + PREFIX_BYTES;
      if (data.length - at < head.bytes + needed) return keep(at);
      at += head.bytes;
      if (isShort && head.isPlainText) on.onText(data.toString('utf8', at, at + head.payload));
      const text = head.isPlainText ? at : data[at] === 0 ? at + STORED_BYTES : null;
      const prefix = text === null ? null : data.toString('latin1', text, text + PREFIX_BYTES);
      frame = { bytes: head.bytes + head.payload, prefix };
      rest = head.payload;
    }

    function keep(from: number): void {
      // The read buffer is shared and overwritten.
      pending = Buffer.from(data.subarray(from));
    }
  };
}

function headAt(data: Buffer, at: number) {
  if (data.length - at < 2) return null;
  const short = data[at + 1]! & 0x7f;
  const bytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (data.length - at < bytes) return null;
  const payload =
    short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short === 126 ? data.readUInt16BE(at + 2) : short;
  return { bytes, payload, isPlainText: data[at] === 0x81 };
}

/** A client's text frame with the mask 0. */
export function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, 0x80 | payload.length])
      : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}
