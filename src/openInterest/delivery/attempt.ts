import { describeError } from '../../kit/errors.ts';
import type { ChannelKind } from './channel.types.ts';
import type { DeliveryContext } from './delivery.context.ts';
import type { Letter } from './kinds/kind.ts';
import { judgeResponse, type Outcome } from './outcome.ts';
import type { OutgoingPost, ReceiverResponse } from './post.ts';

export type AttemptContext = Pick<
  DeliveryContext,
  'clock' | 'kinds' | 'logger' | 'metrics' | 'poster' | 'secrets'
>;

type Attempt = { outcome: Outcome; response: ReceiverResponse | null };

/** Sends a letter once. Never rejects: a fault is an outcome. */
export async function attemptLetter(
  ctx: AttemptContext,
  channel: { id: string; kind: ChannelKind; secrets: Buffer },
  letter: Letter,
): Promise<Attempt> {
  const kind = ctx.kinds[channel.kind];
  let attempt: Attempt;
  try {
    const post = kind.write(letter, ctx.secrets.open(channel.secrets, channel.id));
    attempt = await send(ctx, post, kind.goneStatuses);
  } catch (thrown) {
    attempt = { response: null, outcome: { result: 'unsent', error: describeError(thrown) } };
  }
  ctx.metrics.attempts.inc({ kind: channel.kind, result: attempt.outcome.result });
  return attempt;
}

async function send(
  ctx: AttemptContext,
  post: OutgoingPost,
  goneStatuses: readonly number[],
): Promise<Attempt> {
  const endTimer = ctx.metrics.seconds.startTimer();
  try {
    const response = await ctx.poster.post(post);
    return { response, outcome: judgeResponse(response, goneStatuses, ctx.clock.now()) };
  } catch (thrown) {
    return {
      response: null,
      outcome: { result: 'retry', error: describeError(thrown), retryAfterMs: null },
    };
  } finally {
    endTimer();
  }
}
