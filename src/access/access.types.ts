import { z } from 'zod';
import { MINUTE_MS } from '../kit/clock.ts';

/** How far an issuer's clock may be ahead of ours: a token whose `iat` lies further ahead is refused. */
export const ISSUER_AHEAD_MS = MINUTE_MS;

/** What a user pays for. `free` sees 5-minute snapshots, the others live data. */
export const Tier = z.enum(['free', 'pro', 'elite']);
export type Tier = z.infer<typeof Tier>;

/** `admin` is an operator: sees live data and the debug routes whatever the tier. */
export const Role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof Role>;

/**
 * Who a token speaks of. Control characters and lone surrogates are refused because Postgres cannot store them as
 * they are: a change recorded for such a subject would never find its tokens.
 */
export const Subject = z
  .string()
  .min(1, 'must not be empty')
  .max(255, 'must be at most 255 characters')
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters or lone surrogates');

/** A signed-in person, as a verified token describes them. Times are epoch milliseconds. */
export type Viewer = {
  kind: 'viewer';
  sub: string;
  tier: Tier;
  role: Role;
  name: string | null;
  /** 0 when the token does not say: such a token counts as older than every access change. */
  issuedAt: number;
  expiresAt: number;
  /** Names one sign-in without revealing its token: the start of the token's SHA-256. */
  sessionId: string;
};

/** Nobody in particular: sees what Free sees. */
export type Guest = { kind: 'guest' };

/** A program that holds an API key. */
export type KeyHolder = {
  kind: 'key';
  scope: 'ingest' | 'operator';
  /** The start of the key's SHA-256: names the key in logs and limits without revealing it. */
  keyId: string;
};

export type Principal = Viewer | Guest | KeyHolder;

/**
 * Who may call a route.
 * - `public`: anybody, and nobody is identified
 * - `anyone`: anybody; a token or key, if sent, must be good and decides what is seen. A bad cookie counts as none,
 *   because browsers send it unasked
 * - `viewer`: a token or session cookie of any tier
 * - `pro`: tier pro or elite, or role admin
 * - `proOrOperator`: as `pro`, or an operator key
 * - `operatorOrAdmin`: an operator key, or role admin
 * - `operator`, `ingest`: that key and nothing else
 */
export type AccessRule =
  'public' | 'anyone' | 'viewer' | 'pro' | 'proOrOperator' | 'operatorOrAdmin' | 'operator' | 'ingest';

export function tierOf(principal: Principal): Tier {
  return principal.kind === 'viewer' ? principal.tier : 'free';
}

/** Live data is for those who pay for it and for operators. */
export function seesRealtime(principal: Principal): boolean {
  return principal.kind === 'viewer' && (principal.tier !== 'free' || principal.role === 'admin');
}

/**
 * A change of what a subject may do. Tokens of `sub` issued up to a minute after `changedAt` are judged by it: the clock
 * of the token issuer may be ahead by as much. Send a change also when a tier is restored.
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
  /** `null` when the subject is revoked altogether. */
  tier: Tier.nullable(),
  revoked: z.boolean(),
  /** Epoch ms. */
  changedAt: z.number(),
});
export type AccessChange = z.infer<typeof AccessChange>;

export const DemoUser = z.enum(['free', 'pro', 'elite', 'admin']);
export type DemoUser = z.infer<typeof DemoUser>;

/**
 * `POST /api/session`: a demo user (development only) or an access token to keep in a cookie. The token may come as
 * it was copied, with blanks around it or `Bearer ` before it, hence longer than a token may be.
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
  /** True for a demo user: the pages say so. */
  demo: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const SessionOptions = z.object({
  demo: z.boolean(),
  tiers: z.array(DemoUser),
});
export type SessionOptions = z.infer<typeof SessionOptions>;
