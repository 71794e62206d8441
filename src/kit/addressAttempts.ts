import net from 'node:net';

/**
 * Sets how long a connect to a host with several addresses tries one of them before the next.
 *
 * Node tries each for 250 ms only. With slower handshakes no connect ever succeeds, because the next address is usually one
 * without a route. This process-wide default applies to all clients without their own value: `fetch`, undici, `ws`, `pg`,
 * `ioredis`, the key set of tokens.
 *
 * `ms` must be well below the shortest connect timeout of the program's clients, so that a dead address leaves time for
 * the next.
 */
export function setAddressAttemptTimeout(ms: number): void {
  net.setDefaultAutoSelectFamilyAttemptTimeout(ms);
}

/** For programs that connect to Postgres, with a connect timeout of 1 s. */
export const DATABASE_ATTEMPT_MS = 700;

/** For the collector, with a connect timeout of 5 s: a lost SYN is resent after 1 s. */
export const EXCHANGE_ATTEMPT_MS = 2_000;
