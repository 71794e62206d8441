import { z } from 'zod';
import { normaliseSymbol } from './openInterest.parse.ts';

/** Query parameters that several routes take. */

/** Any spelling of a symbol that ingest takes; answers the normalised one. */
export const Symbol = z.string().transform((raw, context) => {
  const symbol = normaliseSymbol(raw);
  if (symbol !== null) return symbol;
  context.addIssue('must be letters and digits, at most 32 characters');
  return z.NEVER;
});

/** ISO 8601 or epoch ms. A time without a zone is read as UTC, as the original's scripts mean it. */
export const Time = z.string().transform((raw, context) => {
  const epochMs = /^\d{1,15}$/.test(raw)
    ? Number(raw)
    : Date.parse(/Z|[+-]\d\d:?\d\d$/.test(raw) ? raw : `${raw}Z`);
  if (Number.isFinite(epochMs) && Math.abs(epochMs) < 253_402_300_800_000) return epochMs;
  context.addIssue('Invalid timestamp format: must be ISO 8601 or epoch ms');
  return z.NEVER;
});

/** `EPOCH:SEQ` */
export const Position = z.string().transform((raw, context) => {
  const match = /^([\w-]{1,64}):(\d{1,15})$/.exec(raw);
  if (match) return { epoch: match[1]!, seq: Number(match[2]) };
  context.addIssue('must be EPOCH:SEQ as the board gave them');
  return z.NEVER;
});
