import { deflateRawSync } from 'node:zlib';
import { inflateSync } from 'fflate';

/** A payload that its codec cannot have written. */
export class CorruptBlockError extends Error {
  override readonly name = 'CorruptBlockError';
}

/** Bytes of a varint that holds a safe integer. */
const LONGEST_VARINT = 8;

const FIRST_CAPACITY = 4_096;

/** Collects bytes; unsigned integers up to 2^53 become varints: seven bits a byte, low bits first. */
export function createByteWriter() {
  let bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  let length = 0;

  function byte(value: number): void {
    if (length === bytes.length) bytes = Buffer.concat([bytes], 2 * length);
    bytes[length] = value;
    length += 1;
  }

  return {
    byte,
    varint(value: number): void {
      let rest = value;
      while (rest >= 0x80) {
        byte((rest % 0x80) + 0x80);
        rest = Math.floor(rest / 0x80);
      }
      byte(rest);
    },
    append(more: Uint8Array): void {
      for (const it of more) byte(it);
    },
    result: (): Buffer => bytes.subarray(0, length),
  };
}
export type ByteWriter = ReturnType<typeof createByteWriter>;

/** Reads what a writer wrote. Every read past the end throws `CorruptBlockError`. */
export function createByteReader(bytes: Uint8Array) {
  let position = 0;

  function byte(): number {
    const value = bytes[position];
    if (value === undefined) throw new CorruptBlockError('the block ends too early');
    position += 1;
    return value;
  }

  return {
    byte,
    varint(): number {
      let value = 0;
      for (let i = 0; i < LONGEST_VARINT; i += 1) {
        const next = byte();
        value += (next & 0x7f) * 0x80 ** i;
        if (next < 0x80) return value;
      }
      throw new CorruptBlockError('a number of the block is too long');
    },
    /** What is unread. */
    rest: (): Uint8Array => bytes.subarray(position),
    /** The next `length` bytes. */
    part(length: number): Uint8Array {
      if (position + length > bytes.length) throw new CorruptBlockError('the block ends too early');
      position += length;
      return bytes.subarray(position - length, position);
    },
    /** Throws when bytes are left over. */
    end(): void {
      if (position < bytes.length) throw new CorruptBlockError('the block goes on after its last column');
    },
  };
}
export type ByteReader = ReturnType<typeof createByteReader>;

export function deflate(bytes: Uint8Array): Buffer {
  return deflateRawSync(bytes, { level: 9 });
}

/** At most `most` bytes, or as many as there are. Not by zlib, whose start costs ten times as much as a column of an hour. */
export function inflate(bytes: Uint8Array, most?: number): Uint8Array {
  const inflated = inflateAll(bytes, most);
  if (most !== undefined && inflated.length > most) throw new CorruptBlockError('a column is too long');
  return inflated;
}

function inflateAll(bytes: Uint8Array, most: number | undefined): Uint8Array {
  try {
    // What does not fit is dropped: one byte more tells that there is more.
    return inflateSync(bytes, most === undefined ? {} : { out: new Uint8Array(most + 1) });
  } catch (cause) {
    throw new CorruptBlockError('the block cannot be inflated', { cause });
  }
}
