import { z } from 'zod';
import { blankedText, plainText } from '../../kit/plainText.shared.ts';

/** USD of 24 h quote volume at which a symbol enters, and below which it leaves, unless the settings say otherwise. */
export const DEFAULT_ENTER_THRESHOLD = 4_000_000;
export const DEFAULT_EXIT_THRESHOLD = 2_000_000;

/** Without a zone it is UTC, as Python's `isoformat` writes it. Postgres has no year 0, the exchange no time before 2017. */
const isoTime = z.iso
  .datetime({ offset: true, local: true })
  .transform((value) => (/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`))
  .refine((value) => Date.parse(value) >= Date.UTC(2017), 'lies before there was an exchange');

/** A symbol as the universe job posts it. */
const LiquidSymbolInput = z.object({
  symbol: z.string(),
  quoteVolume24h: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d+(\.\d+)?$/)
        .transform(Number),
    ])
    .pipe(z.number().min(0)),
  /** Hours between two fundings. Absent: as last reported. */
  fundingIntervalHours: z.int().min(1).max(24).nullish(),
  /** Circulating supply in contracts, and when the exchange was asked for it. Without a time: as last reported. */
  circulatingSupply: z.number().positive().nullish(),
  circulatingSupplyAt: isoTime.nullish(),
  /** What the contract is on, in the exchange's words. Absent: as last reported. */
  sectors: z
    .array(plainText(32).regex(/^[^,]+$/, 'must not be empty or contain a comma'))
    .max(8)
    .nullish(),
  enteredAt: isoTime.nullish(),
  lastSeenAt: isoTime.nullish(),
});

export const LiquidUniverseUpdate = z.object({
  symbols: z.array(LiquidSymbolInput, { error: 'must be an array of symbols' }).max(5_000),
  /** Sent by the original's job; the server uses its own time. */
  updatedAt: z.unknown().optional(),
  /** USD of 24 h quote volume at which a symbol enters. Absent: as last reported, else 4,000,000. */
  enterThreshold: z.number().positive().optional(),
  /** USD of 24 h quote volume below which a symbol leaves. Absent: as last reported, else 2,000,000. */
  exitThreshold: z.number().positive().optional(),
  /** Why symbols enter or leave, by symbol; goes to the journal. */
  reasons: z.record(z.string(), blankedText(200)).optional(),
  /** Replace the set although it would become empty or less than half of today's. */
  force: z.boolean().optional(),
});
export type LiquidUniverseUpdate = z.infer<typeof LiquidUniverseUpdate>;

const LiquidSymbol = z.object({
  symbol: z.string(),
  quoteVolume24h: z.number(),
  /** `null`: never reported, or the server is older than this field. */
  fundingIntervalHours: z.number().nullable().default(null),
  /** In contracts; `null`: the exchange has no figure, or none was reported. */
  circulatingSupply: z.number().nullable().default(null),
  /** When the exchange was asked for it; `null`: never. */
  circulatingSupplyAt: z.string().nullable().default(null),
  sectors: z.array(z.string()).nullable().default(null),
  enteredAt: z.string(),
  lastSeenAt: z.string(),
  estimatedPollIntervalSec: z.number(),
});

export const LiquidUniverseBody = z.object({
  updatedAt: z.string(),
  enterThreshold: z.number(),
  exitThreshold: z.number(),
  symbols: z.array(LiquidSymbol),
  totalSymbols: z.number(),
});
export type LiquidUniverseBody = z.infer<typeof LiquidUniverseBody>;

/** An entry of the journal of the universe. */
export const UniverseChangeView = z.object({
  symbol: z.string(),
  event: z.enum(['entered', 'left']),
  reason: z.string(),
  quoteVolume24h: z.number().nullable(),
  /** ISO. */
  at: z.string(),
});
export type UniverseChangeView = z.infer<typeof UniverseChangeView>;
