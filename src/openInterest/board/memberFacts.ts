import type { BoardRow, MemberFacts } from '../openInterest.types.ts';

const UNKNOWN = { volume24h: null, fundingHours: null, supply: null, sectors: null } satisfies MemberFacts;

export function factsOf(members: ReadonlyMap<string, MemberFacts>, symbol: string): Required<MemberFacts> {
  return { ...UNKNOWN, ...members.get(symbol) };
}

/** Whether the facts that rarely change are the same. The 24 h volume changes with each update of the universe. */
export function hasSameTraits(a: MemberFacts, b: MemberFacts): boolean {
  return (
    a.fundingHours === b.fundingHours &&
    a.supply === b.supply &&
    a.sectors?.join() === b.sectors?.join() &&
    (a.sectors === null) === (b.sectors === null)
  );
}

/** A row of an update: a spark is as long as the rest, and neither it nor what a symbol is like changes often. */
export function withoutOld(row: BoardRow, isNew: { spark: boolean; traits: boolean }): BoardRow {
  const { spark, fundingHours, supply, sectors, usual, ...rest } = row;
  return {
    ...rest,
    ...(isNew.traits && { fundingHours, supply, sectors, usual }),
    ...(isNew.spark && { spark }),
  };
}
