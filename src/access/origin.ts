import { isCanonicalOrigin } from '../kit/env.ts';
import { ForbiddenError } from '../kit/errors.ts';

/**
 * Whether a page of this origin may use the visitor's session: a page of the request's own host or of ALLOWED_ORIGINS. Only
 * the exact spelling of browsers is accepted, without upper case, default port or trailing slash.
 */
export function isAllowedOrigin(request: {
  origin: string | undefined;
  host: string | undefined;
  allowed: readonly string[];
}): boolean {
  const { origin, host, allowed } = request;
  if (origin === undefined || !isCanonicalOrigin(origin)) return false;
  if (allowed.includes(origin)) return true;
  return host !== undefined && new URL(origin).host === host.toLowerCase();
}

/** Throws 403 unless the origin is allowed. `absent`: how a request without Origin is treated. */
export function assertAllowedOrigin(
  headers: { origin?: string | undefined; host?: string | undefined },
  options: { allowed: readonly string[]; absent: 'allowed' | 'refused' },
): void {
  const { origin, host } = headers;
  if (origin === undefined && options.absent === 'allowed') return;
  if (isAllowedOrigin({ origin, host, allowed: options.allowed })) return;
  const message =
    origin === undefined
      ? 'A state-changing request with a session cookie requires an Origin header; programs use Authorization: Bearer'
      : 'Pages of this origin may not use the session; serve them from this host or add the origin to ALLOWED_ORIGINS';
  throw new ForbiddenError(message, { code: 'origin_refused' });
}
