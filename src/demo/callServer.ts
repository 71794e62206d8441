import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../kit/clock.ts';

/** The waits between them are 1, 2, … s: a store that is busy for half a minute does not end the demo. */
const ATTEMPTS = 8;

/** Calls the server's API by HTTP like any client, with retries while it answers 503. */
export async function callServer(
  url: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body?: unknown },
): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(url, {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (response.ok) return answer === '' ? null : JSON.parse(answer);
    if (response.status !== 503 || attempt === ATTEMPTS) {
      const { pathname } = new URL(url);
      throw new Error(`${method} ${pathname} was answered ${response.status}: ${answer.slice(0, 300)}`);
    }
    await delay(attempt * SECOND_MS);
  }
}
