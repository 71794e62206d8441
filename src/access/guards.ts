import type { IncomingMessage } from 'node:http';
import { ForbiddenError, UnauthorizedError } from '../kit/errors.ts';
import type { ApiKeys } from './apiKeys.ts';
import { assertAllowedOrigin } from './origin.ts';
import { readSessionCookie } from './sessionCookie.ts';
import { seesRealtime } from './access.types.ts';
import type { AccessRule, Guest, KeyHolder, Principal, Viewer } from './access.types.ts';

export type Guards = {
  /**
   * Who sends this request, if the rule lets them in. Throws UnauthorizedError when that is not known, ForbiddenError
   * when it is known and not enough. Reads the head of the request only, so it runs before the body is read.
   */
  identify(request: Pick<IncomingMessage, 'method' | 'headers'>, rule: AccessRule): Promise<Principal>;
};

/**
 * One credential counts: `X-API-Key` if sent, else `Authorization: Bearer`, else the session cookie. What is sent on
 * purpose must be good, also where nothing is needed.
 */
export function createGuards(deps: {
  apiKeys: ApiKeys;
  /** Verifies a token and judges its viewer by what changed since it was issued. */
  authenticate: (token: string) => Promise<Viewer>;
  allowedOrigins: readonly string[];
}): Guards {
  const { apiKeys, authenticate, allowedOrigins } = deps;

  async function selectOptionalViewer(
    request: Pick<IncomingMessage, 'method' | 'headers'>,
    rule: AccessRule,
  ): Promise<Viewer | null> {
    const bearer = readBearer(request.headers.authorization);
    if (bearer !== undefined) return authenticate(bearer);
    const cookie = readSessionCookie(request.headers);
    if (cookie === undefined) return null;
    try {
      const viewer = await authenticate(cookie);
      // A browser sends the cookie along with whatever any page asks of it; only Origin tells which page asked.
      if (changesState(request.method)) {
        assertAllowedOrigin(request.headers, { allowed: allowedOrigins, absent: 'refused' });
      }
      return viewer;
    } catch (thrown) {
      if (rule === 'anyone' && thrown instanceof UnauthorizedError) return null;
      throw thrown;
    }
  }

  return {
    async identify(request, rule) {
      if (rule === 'public') return GUEST;
      const presentedKey = request.headers['x-api-key'];
      if (presentedKey !== undefined) return admitKey(apiKeys.identify(String(presentedKey)), rule);
      if (rule === 'operator') {
        // No token opens these routes, so a bearer is a key: Prometheus can send that header and no other.
        const bearer = readBearer(request.headers.authorization);
        if (bearer !== undefined) return admitKey(apiKeys.identify(bearer), rule);
      }
      if (rule === 'ingest' || rule === 'operator') throw missing(rule);
      return admitViewer(await selectOptionalViewer(request, rule), rule);
    },
  };
}

const GUEST: Guest = { kind: 'guest' };

type Scope = KeyHolder['scope'];
/** Rules that somebody without credentials does not pass. */
type ClosedRule = Exclude<AccessRule, 'public' | 'anyone'>;

/** An ingest key lies about on many machines, so it opens ingest and nothing that is closed to guests. */
const OPENED_BY: Readonly<Record<ClosedRule, readonly Scope[]>> = {
  viewer: [],
  pro: [],
  proOrOperator: ['operator'],
  operatorOrAdmin: ['operator'],
  operator: ['operator'],
  ingest: ['ingest'],
};

const BEARER_OR_COOKIE =
  'an access token in the header Authorization: Bearer, or the session cookie of /sign-in';

const NEEDED: Readonly<Record<ClosedRule, string>> = {
  viewer: BEARER_OR_COOKIE,
  pro: BEARER_OR_COOKIE,
  proOrOperator: `an operator key in the header X-API-Key, or ${BEARER_OR_COOKIE}`,
  operatorOrAdmin: `an operator key in the header X-API-Key, or of an admin ${BEARER_OR_COOKIE}`,
  operator: 'an operator key in the header X-API-Key or Authorization: Bearer',
  ingest: 'an ingest key in the header X-API-Key',
};

function admitKey(holder: KeyHolder | null, rule: ClosedRule | 'anyone'): KeyHolder {
  if (holder === null) {
    throw new UnauthorizedError('The key that was sent is not known here', { code: 'key_unknown' });
  }
  if (rule === 'anyone' || OPENED_BY[rule].includes(holder.scope)) return holder;
  throw new ForbiddenError(`The ${holder.scope} key does not open this route; it needs ${NEEDED[rule]}`);
}

function admitViewer(viewer: Viewer | null, rule: ClosedRule | 'anyone'): Principal {
  if (rule === 'anyone') return viewer ?? GUEST;
  if (viewer === null) throw missing(rule);
  if (rule === 'operatorOrAdmin' && viewer.role !== 'admin') {
    throw new ForbiddenError('This route is for operators: it needs role admin or an operator key');
  }
  if ((rule === 'pro' || rule === 'proOrOperator') && !seesRealtime(viewer)) {
    throw new ForbiddenError('This route is for tier pro or elite; tier free sees the 5-minute snapshot');
  }
  return viewer;
}

function missing(rule: ClosedRule): UnauthorizedError {
  return new UnauthorizedError(`This route needs ${NEEDED[rule]}`);
}

/** The token of a Bearer header. Other schemes are not ours: a proxy in front may ask for a password of its own. */
function readBearer(authorization: string | undefined): string | undefined {
  return /^bearer(?!\S)(.*)$/i.exec(authorization ?? '')?.[1]?.trim();
}

function changesState(method: string | undefined): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
