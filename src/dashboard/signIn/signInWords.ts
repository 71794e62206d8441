import { formatClock } from '../timeOfDay.ts';
import { ApiError } from '../live/api.ts';
import type { DemoUser } from '../../access/access.types.ts';

export const DEMO_LABELS: Readonly<Record<DemoUser, string>> = {
  free: 'Demo Free',
  pro: 'Demo Pro',
  elite: 'Demo Elite',
  admin: 'Demo admin',
};

const NOT_A_TOKEN = 'That does not look like an access token.';
const IS_A_KEY =
  'That is an API key: programs send it as X-API-Key. To sign in, paste an access token: three parts with ' +
  "dots between them, as the server's token command prints it.";

/** What people paste: blanks around it, `Bearer ` before it. */
export function trimToken(pasted: string): string {
  return pasted.trim().replace(/^bearer\s+/i, '');
}

/** Three parts of base64url: anything else cannot be one, and need not be sent anywhere. */
export function looksLikeToken(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** What is wrong with what was pasted. Keys are known by how they begin. */
export function explainNoToken(pasted: string): string {
  return /^oi_/i.test(pasted) ? IS_A_KEY : NOT_A_TOKEN;
}

/** Why the sign-in failed. The token itself is in no sentence. */
export function explainRefusal(thrown: unknown, page: PageAddress): string {
  if (!(thrown instanceof ApiError) || thrown.status === null) {
    return `The server cannot be reached. Check that it is running on port ${portOf(page)}.`;
  }
  switch (thrown.code) {
    case 'token_malformed':
    case 'token_too_long':
      return NOT_A_TOKEN;
    case 'token_expired':
      return expiredSentence(thrown);
    case 'demo_off':
      return 'Demo sign-in is off on this server.';
    case 'origin_refused':
      return 'The server does not take sign-ins from this address (ALLOWED_ORIGINS).';
    case 'https_needed':
      return plainHttpSentence(page);
    case 'rate_limited':
      return 'Too many tries. Wait a minute, then try again.';
  }
  if (thrown.status >= 500) return `The server cannot sign you in now (HTTP ${thrown.status}). Try again.`;
  return 'The server does not accept this token.';
}

/** The server signed the visitor in, and the browser did not keep the cookie. */
export const COOKIE_NOT_KEPT =
  'The browser did not keep the session cookie. Allow cookies for this address, then sign in again.';

/** Where the page was loaded from. */
export type PageAddress = Pick<Location, 'protocol' | 'hostname' | 'host' | 'port'>;

function portOf({ port, protocol }: PageAddress): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

function plainHttpSentence(page: PageAddress): string {
  return (
    `http://${page.host} is not encrypted, so the browser would not keep the session. Open https://${page.hostname}, or ` +
    `http://localhost:${portOf(page)} on the server's own machine. In a private network, ask the operator to set ` +
    'AUTH_COOKIE_INSECURE=true.'
  );
}

function expiredSentence({ message }: ApiError): string {
  const iso = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(message)?.[0];
  return iso
    ? `This token has expired (at ${formatClock(Date.parse(iso), 'local')}).`
    : 'This token has expired.';
}

/** Why the visitor was sent here, if they were. */
export function explainArrival(search: string): string | null {
  return new URLSearchParams(search).get('why') === 'ended' ? 'Your session has ended. Sign in again.' : null;
}
