import { request } from 'undici';
import { SECOND_MS, type Clock } from '../../kit/clock.ts';
import { coerceError, describeError } from '../../kit/errors.ts';
import { ExchangeError } from './exchangeError.ts';
import type { Outbound } from '../outbound/outbound.ts';
import { readHead, type Answer } from './answer.ts';

/** GET over connections that are kept open, each question with an end. */
export function createHttpGet(options: {
  clock: Clock;
  outbound: Pick<Outbound, 'dispatcherFor'>;
  headers?: Readonly<Record<string, string>>;
}) {
  const { clock, outbound } = options;
  const headers = { accept: 'application/json', 'user-agent': 'volspike-open-interest', ...options.headers };

  /** Rejects with an ExchangeError `unavailable` when no whole answer comes within `timeoutMs`. */
  async function get(
    url: string,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  ): Promise<Answer> {
    const end = new AbortController();
    const onAbort = () => end.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const cancelTimeout = clock.after(timeoutMs, () =>
      end.abort(new Error(`no answer in ${timeoutMs / SECOND_MS} s`)),
    );
    try {
      if (signal?.aborted) throw signal.reason;
      const dispatcher = outbound.dispatcherFor(url);
      const response = await request(url, { dispatcher, headers, signal: end.signal });
      const body = await response.body.text();
      return { head: readHead(response.statusCode, response.headers, body, clock.now()), body };
    } catch (thrown) {
      if (signal?.aborted) throw coerceError(signal.reason);
      throw new ExchangeError('unavailable', `${new URL(url).pathname}: ${describeError(thrown)}`, {
        cause: thrown,
      });
    } finally {
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return { get };
}
