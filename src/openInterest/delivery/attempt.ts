import { describeError } from '../../kit/errors.ts';
import type { ChannelKind } from './channel.types.ts';
import type { DeliveryContext } from './delivery.context.ts';
import type { Letter } from './kinds/kind.ts';
import { judgeResponse, type Outcome } from './outcome.ts';
import type { ReceiverResponse } from './post.ts';

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
  const endTimer = ctx.metrics.seconds.startTimer();
  let attempt: Attempt;
  try {
    const post = kind.write(letter, ctx.secrets.open(channel.secrets, channel.id));
    const response = await ctx.poster.post(post);
    attempt = { response, outcome: judgeResponse(response, kind.goneStatuses, ctx.clock.now()) };
  } catch (thrown) {
    attempt = {
      response: null,
      outcome: { result: 'retry', error: describeError(thrown), retryAfterMs: null },
    };
  }
  endTimer();
  ctx.metrics.attempts.inc({ kind: channel.kind, result: attempt.outcome.result });
  return attempt;
}
