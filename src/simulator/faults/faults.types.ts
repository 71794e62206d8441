import { z } from 'zod';

const rate = z.number().min(0).max(1);
const symbol = z.string().min(1).max(32);
const symbols = z.array(symbol).max(1_000);
const oneOrMore = z.union([symbol.transform((it) => [it]), symbols]);

/** Settings that last until they are changed. */
export const FaultSettings = z.strictObject({
  /** Before every answer, give or take `latencyJitterMs`. */
  latencyMs: z.number().min(0).max(600_000),
  latencyJitterMs: z.number().min(0).max(600_000),
  /** The share of requests that get `errorStatus` with the body a client would see behind it. */
  errorRate: rate,
  errorStatus: z.literal([403, 408, 451, 500, 502, 503, 504]),
  /** The share of requests that are never answered. */
  hangRate: rate,
  /** The share of answers that break off in the middle. */
  tornRate: rate,
  /** Empty: the faults above apply to every request. Else to these paths and symbols only. */
  onlyPaths: z.array(z.string()).max(20),
  onlySymbols: symbols,
  /** Contracts that premiumIndex and the mark-price stream leave out. */
  withoutMarkPrice: symbols,
  /** All sockets break, without a close frame, this often. `null`: never. */
  dropSocketsEverySec: z.number().min(1).nullable(),
  /** Sockets stay open and send nothing, not even a ping. */
  silentSockets: z.boolean(),
  /** How far the exchange's clock is ahead of where it should be. */
  clockSkewMs: z.number().min(-86_400_000).max(86_400_000),
});
export type FaultSettings = z.output<typeof FaultSettings>;

export const HEALTHY: FaultSettings = {
  latencyMs: 0,
  latencyJitterMs: 0,
  errorRate: 0,
  errorStatus: 503,
  hangRate: 0,
  tornRate: 0,
  onlyPaths: [],
  onlySymbols: [],
  withoutMarkPrice: [],
  dropSocketsEverySec: null,
  silentSockets: false,
  clockSkewMs: 0,
};

/**
 * `POST /simulator/faults`: settings to change, and things to do at once.
 * `{ "errorRate": 0.1, "list": "NEWUSDT", "delist": ["XRPUSDT"] }`, `{ "reset": true }`
 */
export const FaultChange = FaultSettings.partial().extend({
  /** Back to a healthy exchange, before the rest of the change. Listings and bans stay. */
  reset: z.literal(true).optional(),
  list: oneOrMore.optional(),
  delist: oneOrMore.optional(),
  /** Breaks every open socket once. */
  dropSockets: z.literal(true).optional(),
  ban: z.strictObject({ address: z.string().min(1), seconds: z.number().positive() }).optional(),
  /** Counts as one request of this weight, as if another program of the address had made it. */
  spend: z.strictObject({ address: z.string().min(1), weight: z.int().positive() }).optional(),
});
export type FaultChange = z.input<typeof FaultChange>;
