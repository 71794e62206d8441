import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import { UnauthorizedError, UnavailableError } from '../kit/errors.ts';
import type { AccessChangesRepository } from './changes.repository.ts';
import { ISSUER_AHEAD_MS, type AccessChange, type AccessChangeInput, type Viewer } from './access.types.ts';

/** A commit can land this long after the time it carries, so every reading looks back by it. */
const LATE_COMMIT_MS = MINUTE_MS;
/** How far the clock of the database, which stamps changes, and that of a node, which judges `iat`, may disagree. */
const CLOCK_DISAGREEMENT_MS = SECOND_MS;

type AccessChangesStatus = {
  subjects: number;
  /** Epoch ms of the last reading of the table; `null` before the first. */
  readAt: number | null;
};

export type AccessChanges = {
  /** Reads the last changes; until then every token is refused with 503. */
  load(): Promise<void>;
  /** Reads what changed since the newest change that was read: repairs what the bus lost. */
  reload(): Promise<void>;
  /** Stores a change, applies it here and tells the other nodes. */
  record(input: AccessChangeInput): Promise<AccessChange>;
  /** Applies a change that another node recorded. */
  applyRemote(change: AccessChange): void;
  /** Reads the change of a subject whose token may be older than all that are in memory; `judge` counts on it. */
  ensureKnown(viewer: Pick<Viewer, 'sub' | 'issuedAt'>): Promise<void>;
  /**
   * The viewer as the newest change of the subject leaves them. Throws UnauthorizedError `token_revoked`. Changes the
   * tier, never the role: to end an admin's access, revoke it.
   */
  judge(viewer: Viewer): Viewer;
  /** Calls the listener after each applied change, wherever it came from; the answer unsubscribes. */
  onChange(listener: (change: AccessChange) => void): () => void;
  status(): AccessChangesStatus;
};

/**
 * Changes that are kept in memory. A token is judged by a change that came after it, and tokens are short-lived, so the
 * last ones are those that matter; how short is the issuer's affair, so the others are read when an old token comes.
 */
const MAX_CHANGES_IN_MEMORY = 20_000;

/**
 * What subjects may do by now, kept in memory so that judging a token asks nobody. `publish` hands a change to the other
 * nodes; it must not throw, since whoever misses a change reads it from the table within a minute.
 */
export function createAccessChanges(deps: {
  repository: AccessChangesRepository;
  clock: Clock;
  publish: (change: AccessChange) => void;
  /** How many changes are kept in memory. */
  max?: number;
}): AccessChanges {
  const { repository, clock, publish, max = MAX_CHANGES_IN_MEMORY } = deps;
  const newest = new Map<string, AccessChange>();
  const listeners = new Set<(change: AccessChange) => void>();
  let readAt: number | null = null;
  // Moved by readings of the table alone: a change heard over the bus says nothing about the ones before it.
  let readUpTo = 0;
  /** Every change after this moment is in memory, epoch ms. */
  let knownSince = -Infinity;
  /** Subjects whose older change is in memory too, or who have none. */
  const looked = new Set<string>();

  function apply(change: AccessChange): void {
    const known = newest.get(change.sub);
    if (known && known.changedAt >= change.changedAt) return;
    newest.set(change.sub, change);
    for (const listener of listeners) listener(change);
  }

  function applyReading(changes: readonly AccessChange[]): void {
    // As many as were asked for: there may be older ones that were left out.
    if (changes.length === max) knownSince = Math.max(knownSince, changes.at(-1)!.changedAt);
    for (const change of changes) {
      apply(change);
      readUpTo = Math.max(readUpTo, change.changedAt);
    }
    readAt = clock.now();
  }

  /** Sockets that are open were judged when they came, and hear of every change since. */
  function forgetOldest(): void {
    const byAge = [...newest.values()].sort((a, b) => b.changedAt - a.changedAt);
    for (const { sub, changedAt } of byAge.slice(max)) {
      newest.delete(sub);
      knownSince = Math.max(knownSince, changedAt);
    }
    looked.clear();
  }

  return {
    async load() {
      applyReading(await repository.selectAccessChanges(max));
    },

    async reload() {
      applyReading(await repository.selectAccessChangesSince(readUpTo - LATE_COMMIT_MS, max));
      if (newest.size > 2 * max) forgetOldest();
    },

    async record(input) {
      const change = await repository.upsertAccessChange(input);
      publish(change);
      apply(change);
      return change;
    },

    applyRemote: apply,

    async ensureKnown({ sub, issuedAt }) {
      if (!isIssuedBefore(issuedAt, knownSince) || newest.has(sub) || looked.has(sub)) return;
      const change = await repository.selectOptionalAccessChange(sub);
      if (looked.size >= max) looked.clear();
      looked.add(sub);
      // No news: sockets of the subject that are open were judged by it when they came.
      if (change && !newest.has(sub)) newest.set(sub, change);
    },

    judge(viewer) {
      if (readAt === null) {
        throw new UnavailableError('access_not_loaded', 'Access changes are not read yet; try again');
      }
      const change = newest.get(viewer.sub);
      if (!change || !isIssuedBefore(viewer.issuedAt, change.changedAt)) return viewer;
      if (change.tier === null) {
        throw new UnauthorizedError('This access has been withdrawn; sign in again', {
          code: 'token_revoked',
        });
      }
      return { ...viewer, tier: change.tier };
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    status: () => ({ subjects: newest.size, readAt }),
  };
}

/**
 * Whether a token may be older than a change. Its time is in whole seconds of the issuer's clock, which may be ahead by
 * as much as verification allows: any less, and a token issued ahead would ignore its revocation until it expires. A
 * token that was really issued after the change loses nothing by being judged by it, except that a revoked subject has
 * to wait a minute, or for a change that restores its tier.
 */
function isIssuedBefore(issuedAt: number, changedAt: number): boolean {
  const latest = changedAt + ISSUER_AHEAD_MS + CLOCK_DISAGREEMENT_MS;
  return issuedAt <= Math.floor(latest / SECOND_MS) * SECOND_MS;
}
