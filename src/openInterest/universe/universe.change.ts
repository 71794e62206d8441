import { ConflictError, ValidationError } from '../../kit/errors.ts';
import { SYMBOL_WORDS, normaliseSymbol } from '../ingest/parse.ts';
import type { JournalEntry, LiquidMember } from './universe.repository.ts';
import type { LiquidUniverseUpdate } from './universe.types.ts';

/** The members of an update; throws a ValidationError that lists each unusable symbol. */
export function parseMembers(input: LiquidUniverseUpdate, now: Date): LiquidMember[] {
  const bySymbol = new Map<string, LiquidMember>();
  const faults: { path: string; message: string }[] = [];
  for (const [index, given] of input.symbols.entries()) {
    const symbol = normaliseSymbol(given.symbol);
    if (symbol === null) {
      faults.push({ path: `symbols[${index}].symbol`, message: SYMBOL_WORDS });
      continue;
    }
    bySymbol.set(symbol, {
      symbol,
      quoteVolume24h: given.quoteVolume24h,
      fundingIntervalHours: given.fundingIntervalHours ?? null,
      circulatingSupply: given.circulatingSupply ?? null,
      circulatingSupplyAt: given.circulatingSupplyAt ? new Date(given.circulatingSupplyAt) : null,
      sectors: given.sectors ?? null,
      enteredAt: given.enteredAt ? new Date(given.enteredAt) : now,
      lastSeenAt: given.lastSeenAt ? new Date(given.lastSeenAt) : now,
    });
  }
  if (faults.length > 0) {
    throw new ValidationError('Invalid body: some symbols cannot be used', {
      code: 'invalid_body',
      details: faults,
    });
  }
  return [...bySymbol.values()];
}

/** Throws a ConflictError: an update that loses most of the set is a failed read of the exchange, not a market event. */
export function refuseCollapse(currentSize: number, nextSize: number): void {
  if (nextSize > 0 && nextSize * 2 >= currentSize) return;
  throw new ConflictError(
    'universe_collapse',
    `The update has ${nextSize} symbols, today's set ${currentSize}. An empty set or less than half of today's is refused; ` +
      'send "force": true if it is meant',
  );
}

/** Which symbols enter and leave, with a journal entry for each. */
export function planChange(
  current: readonly LiquidMember[],
  next: readonly LiquidMember[],
  reasons: ReadonlyMap<string, string>,
): { entered: string[]; left: string[]; journal: JournalEntry[] } {
  const before = new Map(current.map((it) => [it.symbol, it]));
  const after = new Map(next.map((it) => [it.symbol, it]));
  const entering = next.filter((it) => !before.has(it.symbol));
  const leaving = current.filter((it) => !after.has(it.symbol));
  return {
    entered: entering.map((it) => it.symbol),
    left: leaving.map((it) => it.symbol),
    journal: [
      ...entering.map(({ symbol, quoteVolume24h }) => ({
        symbol,
        event: 'entered' as const,
        reason: reasons.get(symbol) ?? 'named by the universe job',
        quoteVolume24h,
      })),
      ...leaving.map(({ symbol, quoteVolume24h }) => ({
        symbol,
        event: 'left' as const,
        reason: reasons.get(symbol) ?? 'no longer named by the universe job',
        quoteVolume24h,
      })),
    ],
  };
}
