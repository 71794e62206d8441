import { promisify } from 'node:util';
import { constants, deflateRaw } from 'node:zlib';
import * as ws from 'ws';

const deflate = promisify(deflateRaw);

/** Below this size headers are most of what is sent. */
const DEFLATED_FROM_BYTES = 1_024;
/** What a sync flush adds to a message and permessage-deflate leaves out (RFC 7692, 7.2.1). */
const FLUSH_TAIL_BYTES = 4;
/** The engine's prefix of a message. */
const MESSAGE = '4';

/**
 * A message as a whole websocket frame, shared by all connections. `deflated` is for those that negotiated
 * permessage-deflate, and `null` until `deflateFrames` is done.
 */
export type Frames = { readonly plain: Buffer; deflated: Buffer | null };

export function encodeFrames(message: string): Frames {
  return { plain: frameOf(Buffer.from(MESSAGE + message), false), deflated: null };
}

export function isWorthDeflating({ plain }: Frames): boolean {
  return plain.length >= DEFLATED_FROM_BYTES;
}

/** Deflates the message once, in the thread pool. A failure leaves the plain frame. */
export async function deflateFrames(frames: Frames, message: string): Promise<void> {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  const bytes = await deflate(MESSAGE + message, options).catch(() => null);
  if (bytes) frames.deflated = frameOf(bytes.subarray(0, -FLUSH_TAIL_BYTES), true);
}

/** `ws` exports it, its types do not; the engine and Socket.IO's adapter use it too. */
const { Sender } = ws as unknown as {
  Sender: { frame(payload: Buffer, options: object): Buffer[] };
};

function frameOf(payload: Buffer, isDeflated: boolean): Buffer {
  const options = { opcode: 1, fin: true, mask: false, readOnly: false, rsv1: isDeflated };
  return Buffer.concat(Sender.frame(payload, options));
}
