import net from 'node:net';

/**
 * How long a connect to a name with several addresses waits for one of them before it tries the next.
 *
 * Node waits 250 ms and then gives the address up for good. Where a handshake takes longer, no connect ever succeeds: the
 * next address is mostly one that this machine has no route to. This process-wide default counts for every client that
 * opens sockets without a value of its own: `fetch`, undici, `ws`, `pg`, `ioredis`, the key set of tokens.
 *
 * `ms` must be well below the shortest connect limit of the program's clients, or an address that answers nothing leaves
 * no time for the next one.
 */
export function setAddressAttemptTimeout(ms: number): void {
  net.setDefaultAutoSelectFamilyAttemptTimeout(ms);
}

/** For the server and what else opens Postgres, whose connects end after 1 s. */
export const DATABASE_ATTEMPT_MS = 700;

/** For the collector, whose connects end after 5 s: a lost SYN is sent again after 1 s. */
export const EXCHANGE_ATTEMPT_MS = 2_000;
