import { ForbiddenError } from '../kit/errors.ts';

/**
 * Whether a page of this origin may use the visitor's session: a page served under the request's own host, or one
 * that ALLOWED_ORIGINS names. Only the exact text that a browser sends counts; another spelling of it (upper case, a
 * default port written out, a slash at the end) comes from nobody who needs to be let in.
 */
export function isAllowedOrigin(question: {
  origin: string | undefined;
  host: string | undefined;
  allowed: readonly string[];
}): boolean {
  const { origin, host, allowed } = question;
  if (origin === undefined || !isCanonicalOrigin(origin)) return false;
  if (allowed.includes(origin)) return true;
  return host !== undefined && new URL(origin).host === host.toLowerCase();
}

/** `https://host` or `https://host:port` as a browser spells it: what an entry of ALLOWED_ORIGINS must be. */
export function isCanonicalOrigin(value: string): boolean {
  // `*` is a legal host name to URL; as a setting it would look like a wildcard and match nothing.
  if (!/^https?:\/\/[^*]+$/.test(value) || !URL.canParse(value)) return false;
  return new URL(value).origin === value;
}

/** Throws 403 unless the origin is allowed; `absent` says what no Origin header at all counts as. */
export function assertAllowedOrigin(
  headers: { origin?: string | undefined; host?: string | undefined },
  options: { allowed: readonly string[]; absent: 'allowed' | 'refused' },
): void {
  const { origin, host } = headers;
  if (origin === undefined && options.absent === 'allowed') return;
  if (isAllowedOrigin({ origin, host, allowed: options.allowed })) return;
  const message =
    origin === undefined
      ? 'A request with a session cookie that changes something needs an Origin header; programs use Authorization: Bearer'
      : 'Pages of this origin may not use the session; serve them from this host or add the origin to ALLOWED_ORIGINS';
  throw new ForbiddenError(message, { code: 'origin_refused' });
}
