import { Agent, request, type Dispatcher } from 'undici';
import type { Clock } from '../../kit/clock.ts';
import { SECOND_MS } from '../../kit/clock.ts';
import { formatLine } from '../../kit/format.shared.ts';
import { guardLookup, requireAllowedUrl, type AddressPolicy } from './receiverAddress.ts';

const TIMEOUT_MS = 5 * SECOND_MS;
const MAX_RESPONSE_BYTES = 64 * 1_024;
/** What the ledger keeps of a response. */
const MAX_SNIPPET = 300;

export type OutgoingPost = {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
  /** The address is a setting of the operator, so it may be in a private network. */
  trusted: boolean;
};

export type ReceiverResponse = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** At most 64 kB. */
  body: string;
  /** One line of it. */
  snippet: string;
};

export type Poster = ReturnType<typeof createPoster>;

/**
 * Posts to receivers, which may be hostile: no redirects, 5 s in all, 64 kB of response, and no address that the policy
 * refuses.
 */
export function createPoster(options: { clock: Clock; policy: AddressPolicy }) {
  const limits = { connections: 4, pipelining: 0, keepAliveTimeout: 10 * SECOND_MS };
  const guarded = new Agent({
    ...limits,
    connect: { timeout: TIMEOUT_MS, lookup: guardLookup(options.policy) },
  });
  const trusted = new Agent({ ...limits, connect: { timeout: TIMEOUT_MS } });

  return {
    /** Rejects if there is no response. A response counts once its status is known, whatever becomes of its body. */
    async post(post: OutgoingPost): Promise<ReceiverResponse> {
      // The policy may be stricter than when the channel was created.
      if (!post.trusted) requireAllowedUrl(post.url, options.policy);
      const timeout = new AbortController();
      const cancel = options.clock.after(TIMEOUT_MS, () =>
        timeout.abort(new Error(`no response within ${TIMEOUT_MS / SECOND_MS} s`)),
      );
      try {
        const { statusCode, headers, body } = await request(post.url, {
          method: 'POST',
          headers: { 'user-agent': 'VolSpike-Open-Interest', ...post.headers },
          body: post.body,
          dispatcher: post.trusted ? trusted : guarded,
          signal: timeout.signal,
        });
        const text = await readStart(body);
        return { status: statusCode, headers, body: text, snippet: formatLine(text.trim(), MAX_SNIPPET) };
      } finally {
        cancel();
      }
    },
    /** Cuts the connections. */
    async close(): Promise<void> {
      await Promise.all([guarded.destroy(), trusted.destroy()]);
    },
  };
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      // Leaving the loop destroys the body and with it the connection.
      if (length >= MAX_RESPONSE_BYTES) break;
    }
  } catch {
    // Cut or timed out: the status is the answer.
  }
  return Buffer.concat(parts).subarray(0, MAX_RESPONSE_BYTES).toString('utf8');
}
