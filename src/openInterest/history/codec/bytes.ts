import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** A payload that its codec cannot have written. */
export class CorruptBlockError extends Error {
  override readonly name = 'CorruptBlockError';
}

/** Bytes of a varint that holds a safe integer. */
const LONGEST_VARINT = 8;

const FIRST_CAPACITY = 4_096;
/** What is inflated at once: a column of an hour needs no more, and zlib would allocate four times as much for each. */
const INFLATED_BYTES = 4_096;
/** More than an hour of samples can need, one a millisecond. */
const MOST_BYTES = 64 * 3_600_000;

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

export function inflate(bytes: Uint8Array): Buffer {
  try {
    return inflateRawSync(bytes, { chunkSize: INFLATED_BYTES, maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new CorruptBlockError('the block cannot be inflated', { cause });
  }
}
