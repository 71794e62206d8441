import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import { bytesOf, type FrameParts } from './writeFrame.ts';

const deflate = promisify(deflateRaw);

/** Below this size headers are most of what is sent. */
export const WORTH_DEFLATING_BYTES = 1_024;
/** What a sync flush adds to a message and permessage-deflate leaves out (RFC 7692, 7.2.1). */
const FLUSH_TAIL_BYTES = 4;
/** The engine's prefix of a message. */
export const MESSAGE = '4';

/**
 * A message as a whole websocket frame, shared by all connections. `deflated` is for those that negotiated
 * permessage-deflate, and `null` until `deflateFrames` is done.
 */
export type Frames = { readonly plain: FrameParts; deflated: FrameParts | null };

export function encodeFrames(message: string): Frames {
  return { plain: [wholeFrameOf(Buffer.from(MESSAGE + message), false)], deflated: null };
}

export function isWorthDeflating({ plain }: Frames): boolean {
  return bytesOf(plain) >= WORTH_DEFLATING_BYTES;
}

/** Deflates the message once, in the thread pool. A failure leaves the plain frame. */
export async function deflateFrames(frames: Frames, message: string): Promise<void> {
  const bytes = await deflateMessage(MESSAGE + message);
  if (bytes) frames.deflated = [wholeFrameOf(bytes, true)];
}

/** The payload of a compressed frame, or its end; `null` if it cannot be deflated. */
export async function deflateMessage(message: string | Buffer): Promise<Buffer | null> {
  const bytes = await deflate(message, { finishFlush: constants.Z_SYNC_FLUSH }).catch(() => null);
  return bytes && bytes.subarray(0, -FLUSH_TAIL_BYTES);
}

/** The head of a whole text frame of the server (RFC 6455, 5.2). */
export function frameHeadOf(payloadBytes: number, isDeflated: boolean): Buffer {
  const extended = payloadBytes < 126 ? 0 : payloadBytes < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = isDeflated ? 0xc1 : 0x81;
  head[1] = extended === 0 ? payloadBytes : extended === 2 ? 126 : 127;
  if (extended > 0) head.writeUIntBE(payloadBytes, 2 + Math.max(0, extended - 6), Math.min(extended, 6));
  return head;
}

function wholeFrameOf(payload: Buffer, isDeflated: boolean): Buffer {
  return Buffer.concat([frameHeadOf(payload.length, isDeflated), payload]);
}
