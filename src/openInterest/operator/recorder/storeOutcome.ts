import { MINUTE_MS, type Clock } from '../../../kit/clock.ts';
import { codeOfError, coerceError, describeError } from '../../../kit/errors.ts';
import { findDatabaseFault, type DatabaseFaultKind } from '../../../platform/database/fault.ts';

/** `refused`: the database is up and refuses the statement. */
export type StoreFault = { kind: DatabaseFaultKind | 'refused'; code: string | null; message: string };

/** A refused sender retries within half a minute, so an older fault does not describe the present. */
const VALID_MS = MINUTE_MS;

/** The outcome of the last chunk that ingest tried to store. */
export function createStoreOutcome({ clock }: { clock: Clock }) {
  let last: (StoreFault & { at: number }) | null = null;
  return {
    failed(thrown: unknown): void {
      last = { ...describeStoreFault(thrown), at: clock.now() };
    },
    succeeded(): void {
      last = null;
    },
    /** Of the last chunk; `null`: it was stored, or the fault is older than a minute. */
    fault: (): (StoreFault & { at: number }) | null =>
      last && clock.now() - last.at <= VALID_MS ? last : null,
  };
}

export function describeStoreFault(thrown: unknown): StoreFault {
  const known = findDatabaseFault(thrown);
  if (known) return known;
  const error = coerceError(thrown);
  return { kind: 'refused', code: codeOfError(error), message: error.message || describeError(error) };
}
