/** Why the server does not serve this client, and what helps. */
export type Refusal = { readonly code: string; readonly message: string; readonly remedy: string };

const NEW_TOKEN = 'connect with a new token';

const REMEDIES: Readonly<Record<string, string>> = {
  token_expired: NEW_TOKEN,
  token_revoked: 'sign in again: the access of this user has been revoked',
  token_malformed: 'send an access token, three parts of base64url with dots between them',
  token_too_long: 'send an access token without extra claims',
  token_refused: 'send a token that is signed for this server',
  no_session: 'sign in',
  unauthorized: 'sign in',
  no_token: 'check the function that gets the token',
  too_many_sockets: 'close other connections of this user or address',
};

export function refusalOf(code: string, message: string): Refusal {
  return { code, message, remedy: REMEDIES[code] ?? 'wait, the client retries' };
}

/** Refusals that only another token can fix. */
export function endsSession(code: unknown): boolean {
  return (
    typeof code === 'string' &&
    (code.startsWith('token_') || code === 'unauthorized' || code === 'no_session')
  );
}
