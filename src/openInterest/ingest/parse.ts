import { z } from 'zod';
import { DAY_MS, SECOND_MS } from '../../kit/clock.ts';
import { ValidationError } from '../../kit/errors.ts';
import { describeIssue, describePath } from '../../platform/http/describeIssue.ts';
import {
  OpenInterestIngestEnvelope,
  OpenInterestSampleInput,
  type Sample,
  type Source,
} from '../openInterest.types.ts';
import { MOST_AHEAD_MS, type RejectedItem } from './ingest.types.ts';

/** A parsed chunk: the valid samples, and each refused item with its reason. received = samples.length + rejected.length. */
export type ParsedChunk = {
  received: number;
  samples: ParsedSample[];
  rejected: RejectedItem[];
  /** Time of the newest sample that is not backfill, or that was refused as too far ahead; epoch ms. */
  newestTs: number | null;
};

/** Every item of a chunk was refused; `chunk` says why. */
export class NoValidItemsError extends ValidationError {
  readonly chunk: ParsedChunk;

  constructor(chunk: ParsedChunk) {
    super('No valid data items', {
      code: 'no_valid_items',
      details: chunk.rejected.map(({ index, code, message }) => ({
        path: `data[${index}]`,
        message: `${code}: ${message}`,
      })),
    });
    this.chunk = chunk;
  }
}

export type ParsedSample = {
  sample: Sample;
  /** When the collector had the answer and when it had stored it, if it said so. */
  fetchedAt: number | null;
  spooledAt: number | null;
};

export type ParseRules = {
  now: number;
  retentionDays: number;
  /** False when the board is full and does not know the symbol. */
  admits: (symbol: string, source: Source) => boolean;
};

const MAX_CONTRACTS = 1e15;
const MAX_PRICE_USD = 1e9;
const MAX_USD = 1e18;
const MAX_SYMBOL_CHARACTERS = 32;
const SYMBOL = /^[\p{L}\p{N}]+([-_][\p{L}\p{N}]+)*$/u;

// The hot path: compiled once, a good item never meets the slow path that explains what is wrong.
const Envelope = z.compile(OpenInterestIngestEnvelope);
const Item = z.compile(OpenInterestSampleInput);

/**
 * Parses a chunk: the envelope as a whole, then each item alone, so that a bad item refuses nothing but itself.
 * Throws a ValidationError when the envelope is bad, a NoValidItemsError when no good item is left.
 */
export function parseChunk(body: unknown, rules: ParseRules): ParsedChunk {
  const envelope = parseEnvelope(body);
  const source = envelope.source ?? 'snapshot';
  const chunkTs = envelope.timestamp === undefined ? rules.now : parseTime(envelope.timestamp);
  const chunk: ParsedChunk = { received: envelope.data.length, samples: [], rejected: [], newestTs: null };
  for (const [index, item] of envelope.data.entries()) {
    const judged = judgeItem(item, { source, chunkTs, rules });
    if ('sample' in judged) {
      chunk.samples.push(judged);
      if (judged.sample.source !== 'backfill') chunk.newestTs = latest(chunk.newestTs, judged.sample.ts);
    } else {
      const { code, message } = judged;
      chunk.rejected.push({ index, symbol: echoSymbol(item), code, message });
      if (judged.ts !== undefined) chunk.newestTs = latest(chunk.newestTs, judged.ts);
    }
  }
  if (chunk.samples.length === 0) throw new NoValidItemsError(chunk);
  return chunk;
}

/** Accepted samples without a usable price. */
export function countWithoutUsd(samples: readonly ParsedSample[]): number {
  return samples.filter((it) => it.sample.openInterestUsd === null).length;
}

/** What `normaliseSymbol` accepts, in messages. */
export const SYMBOL_WORDS = 'must be letters and digits, at most 32 characters';

/** `null` when it is not a symbol; else without `-` and `_`, in upper case. Never assumes ASCII: 币安人生USDT is one. */
export function normaliseSymbol(raw: string): string | null {
  if (!isSymbol(raw)) return null;
  const symbol = raw.replaceAll(/[-_]/g, '').toUpperCase();
  // Some letters have no capital of their own and fall apart into several characters. A symbol that does not pass its own
  // rule could be stored and never be asked for.
  return isSymbol(symbol) ? symbol : null;
}

function isSymbol(text: string): boolean {
  if (text.length > 4 * MAX_SYMBOL_CHARACTERS || Array.from(text).length > MAX_SYMBOL_CHARACTERS)
    return false;
  return SYMBOL.test(text) && text.normalize('NFKC') === text;
}

/** Epoch ms of a wire time, cut to whole milliseconds once, here. */
export function parseTime(value: number | string): number {
  return typeof value === 'number' ? Math.trunc(value) : Date.parse(value);
}

function parseEnvelope(body: unknown): OpenInterestIngestEnvelope {
  // An own `__proto__` key never reaches the parsed object, so a chunk that hides its data there has no data.
  const parsed = Envelope.safeParse(body);
  if (parsed.success) return parsed.data;
  const explained = OpenInterestIngestEnvelope.safeParse(body, { error: describeIssue });
  const details = (explained.error ?? parsed.error).issues.map((issue) => ({
    path: describePath(issue.path) || 'body',
    message: issue.message,
  }));
  const first = details[0];
  const message = first?.message.startsWith('Invalid payload')
    ? first.message
    : `Invalid payload: ${first?.path ?? 'body'} ${first?.message ?? 'is invalid'}`;
  throw new ValidationError(message, { code: 'invalid_payload', details });
}

type OpenInterestIngestEnvelope = z.output<typeof OpenInterestIngestEnvelope>;
/** `ts`: the time that it was refused for. */
type Refusal = Pick<RejectedItem, 'code' | 'message'> & { ts?: number };

function judgeItem(
  raw: unknown,
  context: { source: Source; chunkTs: number; rules: ParseRules },
): ParsedSample | Refusal {
  const parsed = Item.safeParse(raw);
  if (!parsed.success) return explain(raw, parsed.error.issues);
  const item = parsed.data;

  const symbol = normaliseSymbol(item.symbol);
  if (symbol === null) {
    return refuse(
      'symbol_invalid',
      'must be letters and digits (single - or _ between), at most 32 characters',
    );
  }
  const ts = item.ts === undefined ? context.chunkTs : parseTime(item.ts);
  const timeRefusal = judgeTime(ts, context.rules);
  if (timeRefusal) return timeRefusal;

  const markPrice = usableNumber(item.markPrice, MAX_PRICE_USD);
  const givenUsd = usableNumber(item.openInterestUsd, MAX_USD);
  const openInterest =
    item.openInterest ??
    // A tiny price makes it infinite, which the database would keep and no reader could take.
    (givenUsd !== null && markPrice !== null ? usableNumber(givenUsd / markPrice, MAX_CONTRACTS) : null);
  if (openInterest === null) {
    return refuse(
      'open_interest_missing',
      'send openInterest in contracts, or openInterestUsd with markPrice',
    );
  }
  const source = item.source ?? context.source;
  if (!context.rules.admits(symbol, source)) {
    return refuse('symbol_limit', 'the board holds as many symbols as it may; unknown ones are refused');
  }
  return {
    sample: {
      symbol,
      openInterest: openInterest === 0 ? 0 : openInterest,
      openInterestUsd: givenUsd ?? computeUsd(openInterest, markPrice),
      markPrice,
      fundingRate: usableRate(item.fundingRate),
      ts,
      source,
    },
    fetchedAt: usableNumber(item.fetchedAt, Number.MAX_SAFE_INTEGER),
    spooledAt: usableNumber(item.spooledAt, Number.MAX_SAFE_INTEGER),
  };
}

function judgeTime(ts: number, rules: ParseRules): Refusal | undefined {
  if (ts > rules.now + MOST_AHEAD_MS) {
    const aheadSec = Math.round((ts - rules.now) / SECOND_MS);
    const message = `lies ${aheadSec} s ahead of the server, more than 60 s; check the clock of the sender`;
    return { ...refuse('ts_in_future', message), ts };
  }
  if (ts < rules.now - rules.retentionDays * DAY_MS) {
    return refuse(
      'ts_too_old',
      `is older than the ${rules.retentionDays} days that are kept; times are epoch ms or ISO`,
    );
  }
  return undefined;
}

/** Why the schema refused it; the first fault decides. */
function explain(raw: unknown, issues: readonly z.core.$ZodIssue[]): Refusal {
  const field = issues[0]?.path[0];
  if (field === 'symbol') return refuse('symbol_invalid', 'must be text');
  if (field === 'openInterest') {
    return refuse('open_interest_invalid', 'must be a number of contracts from 0 to 1e15, or be left out');
  }
  if (field === 'source')
    return refuse('source_invalid', 'must be realtime, snapshot, snapshot_legacy or backfill');
  if (field === 'ts') return refuse('ts_invalid', 'must be epoch ms or ISO 8601 with a zone');
  return refuse(
    'item_invalid',
    `must be an object, not ${raw === null ? 'null' : Array.isArray(raw) ? 'an array' : typeof raw}`,
  );
}

function refuse(code: RejectedItem['code'], message: string): Refusal {
  return { code, message };
}

function latest(a: number | null, b: number): number {
  return a === null ? b : Math.max(a, b);
}

function usableNumber(value: unknown, max: number): number | null {
  return typeof value === 'number' && value > 0 && value <= max ? value : null;
}

/** `null` also when the product is too small or too large for a number: something is never worth nothing. */
function computeUsd(openInterest: number, markPrice: number | null): number | null {
  if (markPrice === null) return null;
  return openInterest === 0 ? 0 : usableNumber(openInterest * markPrice, MAX_USD);
}

function usableRate(value: unknown): number | null {
  // Adding 0 makes 0 of -0.
  return typeof value === 'number' && Math.abs(value) <= 1 ? value + 0 : null;
}

function echoSymbol(item: unknown): string | null {
  const symbol = typeof item === 'object' && item !== null && 'symbol' in item ? item.symbol : null;
  return typeof symbol === 'string' ? symbol.slice(0, 64).toWellFormed() : null;
}
