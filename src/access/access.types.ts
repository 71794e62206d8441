import { z } from 'zod';
import { MINUTE_MS } from '../kit/clock.ts';
import { plainText } from '../kit/plainText.shared.ts';

/** How far an issuer's clock may be ahead of ours: a token whose `iat` lies further ahead is refused. */
export const ISSUER_AHEAD_MS = MINUTE_MS;

/** The subscription. `free` sees 5-minute snapshots, the others live data. */
export const Tier = z.enum(['free', 'pro', 'elite']);
export type Tier = z.infer<typeof Tier>;

/** `admin` is an operator, who sees live data and the debug routes on any tier. */
export const Role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof Role>;

/**
 * The subject of a token. Control characters and lone surrogates are refused because Postgres does not store them
 * unchanged, so an access change of such a subject would not match its tokens.
 */
export const Subject = plainText(255).min(1, 'must not be empty');

/** A signed-in user, from a verified token. Times are epoch milliseconds. */
export type Viewer = {
  kind: 'viewer';
  sub: string;
  tier: Tier;
  role: Role;
  name: string | null;
  /** 0 without `iat`: such a token counts as older than every access change. */
  issuedAt: number;
  expiresAt: number;
  /** Identifies a sign-in without revealing its token: the start of the token's SHA-256. */
  sessionId: string;
};

/** Anonymous: sees what tier free sees. */
export type Guest = { kind: 'guest' };
export const GUEST: Guest = { kind: 'guest' };

/** A program with an API key. */
export type KeyHolder = {
  kind: 'key';
  scope: 'ingest' | 'operator';
  /** Identifies the key in logs and limits without revealing it: the start of its SHA-256. */
  keyId: string;
};

export type Principal = Viewer | Guest | KeyHolder;

/**
 * The required authorization of a route.
 * - `public`: none; credentials are ignored
 * - `anyone`: none; a token or key, if sent, must be valid and decides which data is returned. An invalid cookie counts
 *   as none, because browsers send it automatically
 * - `viewer`: a token or session cookie of any tier
 * - `pro`: tier pro or elite, or role admin
 * - `proOrOperator`: as `pro`, or an operator key
 * - `operatorOrAdmin`: an operator key, or role admin
 * - `operator`, `ingest`: only a key of this scope
 */
export type AccessRule =
  'public' | 'anyone' | 'viewer' | 'pro' | 'proOrOperator' | 'operatorOrAdmin' | 'operator' | 'ingest';

export function tierOf(principal: Principal): Tier {
  return principal.kind === 'viewer' ? principal.tier : 'free';
}

/** The user of a route that admits signed-in users only. */
export function viewerOf(principal: Principal): Viewer {
  if (principal.kind === 'viewer') return principal;
  throw new Error(`expected a signed-in user, got a ${principal.kind}`);
}

/** Paying users and operators see live data. */
export function seesRealtime(principal: Principal): boolean {
  return principal.kind === 'viewer' && (principal.tier !== 'free' || principal.role === 'admin');
}

/**
 * Changes the access of a subject. It applies to tokens of `sub` issued up to a minute after `changedAt`, because the
 * issuer's clock may be ahead by as much. Send a change when a tier is restored, too.
 * `{ "sub": "user-17", "tier": "free" }` or `{ "sub": "user-17", "revoked": true }`
 */
export const AccessChangeInput = z.union(
  [
    z.strictObject({ sub: Subject, tier: Tier }),
    z.strictObject({ sub: Subject, revoked: z.literal(true, 'must be true') }),
  ],
  'must be {"sub": "…", "tier": "free" | "pro" | "elite"} or {"sub": "…", "revoked": true}',
);
export type AccessChangeInput = z.infer<typeof AccessChangeInput>;

export const AccessChange = z.object({
  sub: z.string(),
  /** `null` if the subject is revoked. */
  tier: Tier.nullable(),
  revoked: z.boolean(),
  /** Epoch ms. */
  changedAt: z.number(),
});
export type AccessChange = z.infer<typeof AccessChange>;

export const DemoUser = z.enum(['free', 'pro', 'elite', 'admin']);
export type DemoUser = z.infer<typeof DemoUser>;

/**
 * `POST /api/session`: a demo user (development only) or an access token for the session cookie. A pasted token may have
 * blanks around it or `Bearer ` before it, so the limit is above the length of a token.
 */
export const SessionInput = z.union(
  [z.strictObject({ demo: DemoUser }), z.strictObject({ token: z.string().max(10_000) })],
  'must be {"demo": "free" | "pro" | "elite" | "admin"} or {"token": "…"} of at most 10000 characters',
);
export type SessionInput = z.infer<typeof SessionInput>;

export const Session = z.object({
  sub: z.string(),
  tier: Tier,
  role: Role,
  name: z.string().nullable(),
  /** Epoch ms. */
  expiresAt: z.number(),
  /** Whether this is a demo user. */
  demo: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const SessionOptions = z.object({
  demo: z.boolean(),
  tiers: z.array(DemoUser),
});
export type SessionOptions = z.infer<typeof SessionOptions>;
