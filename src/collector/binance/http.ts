import { request } from 'undici';
import type { Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { withDeadline } from '../process/deadline.ts';
import { readHead, type Answer } from './answer.ts';
import { ExchangeError } from './exchangeError.ts';

/** GET over connections that stay open. */
export function createHttpGet(options: {
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  headers?: Readonly<Record<string, string>>;
}) {
  const { clock, outbound } = options;
  const headers = { accept: 'application/json', 'user-agent': 'volspike-open-interest', ...options.headers };

  return {
    /** Rejects with an ExchangeError `unavailable` when no complete answer arrives within `timeoutMs`. */
    async get(
      url: string,
      { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
    ): Promise<Answer> {
      try {
        return await withDeadline(clock, timeoutMs, signal, async (end) => {
          const dispatcher = outbound.dispatcherFor(url);
          const response = await request(url, { dispatcher, headers, signal: end });
          const body = await response.body.text();
          return { head: readHead(response.statusCode, response.headers, body, clock.now()), body };
        });
      } catch (thrown) {
        if (signal?.aborted) throw coerceError(signal.reason);
        const message = `${new URL(url).pathname}: ${describeError(thrown)}`;
        throw new ExchangeError('unavailable', message, { cause: thrown });
      }
    },
  };
}
