/** How a connection is refused or closed, and what a client should do then. */
type Failure = { code: string; when: string; client: string };

const CREDENTIALS: readonly Failure[] = [
  {
    code: 'token_malformed',
    when: 'refused: not a token',
    client: 'send a token; do not retry with this one',
  },
  { code: 'token_expired', when: 'refused: the token has expired', client: 'get a new token, then connect' },
  { code: 'token_refused', when: 'refused: signature or claims do not fit', client: 'sign in again' },
  { code: 'token_revoked', when: 'refused: the access was revoked', client: 'sign in again' },
  {
    code: 'too_many_sockets',
    when: 'refused: the user or address is at its connection limit',
    client: 'close other connections; retry after a minute',
  },
];

const SESSION: readonly Failure[] = [
  {
    code: 'expired',
    when: 'session event, then closed: the token expired',
    client: 'get a new token, then connect',
  },
  {
    code: 'tier_changed',
    when: 'session event, then closed: the tier changed',
    client: 'connect again with the same token: it has the new tier',
  },
  { code: 'revoked', when: 'session event, then closed: revoked or signed out', client: 'sign in again' },
];

export const SOCKET_FAILURES: readonly Failure[] = [
  ...CREDENTIALS,
  { code: 'internal', when: 'refused: a fault of the server', client: 'retry with backoff' },
  ...SESSION,
  {
    code: 'transport close',
    when: 'closed without an event: not read for 10 s or 1 MB, more than 20 messages in 10 s, a node that starts or ends',
    client: 'reconnect with backoff and jitter, then sync from the last position',
  },
  {
    code: 'invalid_position',
    when: 'the answer to a sync: not a position',
    client: 'send {epoch, seq}, or null for the whole board',
  },
  {
    code: 'too_many_syncs',
    when: 'the answer to a sync: 20 earlier ones wait',
    client: 'wait for the answers; send one sync at a time',
  },
];

export const STREAM_FAILURES: readonly Failure[] = [
  { code: 'invalid_header', when: '400: not a position', client: 'send the last id, or no Last-Event-ID' },
  ...CREDENTIALS.map((it) => ({
    ...it,
    when: it.when.replace('refused', it.code === 'too_many_sockets' ? '429' : '401'),
  })),
  { code: 'rate_limited', when: '429: too many requests', client: 'retry after Retry-After' },
  { code: 'starting', when: '503: the node reads its board', client: 'retry after Retry-After' },
  { code: 'draining', when: '503: the node is ending', client: 'retry after Retry-After' },
  ...SESSION,
  {
    code: 'end of the response',
    when: 'ended without an event: not read for 10 s or 1 MB, or a node that ends, which sends `retry:`',
    client: 'reconnect after the time of `retry:`, with the last id',
  },
];

/** A table in Markdown. */
export function describeFailures(failures: readonly Failure[]): string {
  const rows = failures.map((it) => `| \`${it.code}\` | ${it.when} | ${it.client} |`);
  return ['| code or reason | when | a client should |', '| --- | --- | --- |', ...rows].join('\n');
}
