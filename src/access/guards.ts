import type { IncomingMessage } from 'node:http';
import { ForbiddenError, UnauthorizedError } from '../kit/errors.ts';
import type { ApiKeys } from './apiKeys.ts';
import { assertAllowedOrigin } from './origin.ts';
import { readSessionCookie } from './sessionCookie.ts';
import {
  GUEST,
  seesRealtime,
  type AccessRule,
  type KeyHolder,
  type Principal,
  type Viewer,
} from './access.types.ts';

export type Guards = ReturnType<typeof createGuards>;
type RequestHead = Pick<IncomingMessage, 'method' | 'headers'>;

/**
 * Uses one credential: `X-API-Key` if sent, else `Authorization: Bearer`, else the session cookie. A key or token must be
 * valid, even on routes that require none.
 */
export function createGuards(deps: {
  apiKeys: ApiKeys;
  /** Verifies a token and applies the access changes since its issue. */
  authenticate: (token: string) => Promise<Viewer>;
  allowedOrigins: readonly string[];
}) {
  const { apiKeys, authenticate, allowedOrigins } = deps;

  async function selectOptionalViewer(request: RequestHead, rule: AccessRule): Promise<Viewer | null> {
    const bearer = readBearer(request.headers.authorization);
    if (bearer !== undefined) return authenticate(bearer);
    const cookie = readSessionCookie(request.headers);
    if (cookie === undefined) return null;
    try {
      const viewer = await authenticate(cookie);
      // A browser sends the cookie with the requests of any page; only Origin tells them apart.
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
    /**
     * The sender of a request. Throws UnauthorizedError for missing or invalid credentials and ForbiddenError for
     * insufficient permissions. Reads only the headers, so it runs before the body is read.
     */
    async identify(request: RequestHead, rule: AccessRule): Promise<Principal> {
      if (rule === 'public') return GUEST;
      const presentedKey = request.headers['x-api-key'];
      if (presentedKey !== undefined) return admitKey(apiKeys.identify(String(presentedKey)), rule);
      if (rule === 'operator') {
        // No token is accepted here, so a Bearer is a key: Prometheus can send no other header.
        const bearer = readBearer(request.headers.authorization);
        if (bearer !== undefined) return admitKey(apiKeys.identify(bearer), rule);
      }
      if (rule === 'ingest' || rule === 'operator') throw missing(rule);
      return admitViewer(await selectOptionalViewer(request, rule), rule);
    },
  };
}

type Scope = KeyHolder['scope'];
/** Rules that require credentials. */
type ClosedRule = Exclude<AccessRule, 'public' | 'anyone'>;

/** Ingest keys are stored on many machines, so they are valid for ingest only. */
const ALLOWED_SCOPES: Readonly<Record<ClosedRule, readonly Scope[]>> = {
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
  operatorOrAdmin:
    'an operator key in the header X-API-Key, or the access token or session cookie of an admin',
  operator: 'an operator key in the header X-API-Key or Authorization: Bearer',
  ingest: 'an ingest key in the header X-API-Key',
};

function admitKey(holder: KeyHolder | null, rule: ClosedRule | 'anyone'): KeyHolder {
  if (holder === null) {
    throw new UnauthorizedError('The API key is not valid', { code: 'key_unknown' });
  }
  if (rule === 'anyone' || ALLOWED_SCOPES[rule].includes(holder.scope)) return holder;
  throw new ForbiddenError(`An ${holder.scope} key has no access to this route; send ${NEEDED[rule]}`);
}

function admitViewer(viewer: Viewer | null, rule: ClosedRule | 'anyone'): Principal {
  if (rule === 'anyone') return viewer ?? GUEST;
  if (viewer === null) throw missing(rule);
  if (rule === 'operatorOrAdmin' && viewer.role !== 'admin') {
    throw new ForbiddenError('This route requires role admin or an operator key');
  }
  if ((rule === 'pro' || rule === 'proOrOperator') && !seesRealtime(viewer)) {
    throw new ForbiddenError(
      'This route requires tier pro or elite; tier free has access to the 5-minute snapshot',
    );
  }
  return viewer;
}

function missing(rule: ClosedRule): UnauthorizedError {
  return new UnauthorizedError(`Missing credentials: send ${NEEDED[rule]}`);
}

/** The token of a Bearer header. Other schemes are ignored, because a proxy in front may use Basic. */
function readBearer(authorization: string | undefined): string | undefined {
  return /^bearer(?!\S)(.*)$/i.exec(authorization ?? '')?.[1]?.trim();
}

function changesState(method: string | undefined): boolean {
  return method !== 'GET' && method !== 'HEAD';
}
