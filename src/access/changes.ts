import { MINUTE_MS, SECOND_MS, type Clock } from '../kit/clock.ts';
import { UnauthorizedError, UnavailableError } from '../kit/errors.ts';
import { ISSUER_AHEAD_MS, type AccessChange, type AccessChangeInput, type Viewer } from './access.types.ts';
import type { AccessChangesRepository } from './changes.repository.ts';

/** A commit may land this long after the time it carries, so every reading overlaps the previous one by it. */
const LATE_COMMIT_MS = MINUTE_MS;
/** Allowed difference between the clocks of the database, which stamps changes, and of the node, which judges `iat`. */
const CLOCK_DISAGREEMENT_MS = SECOND_MS;

/** A token is judged by the changes after its issue, and most tokens are short-lived; older changes are read on demand. */
const MAX_CHANGES_IN_MEMORY = 20_000;

export type AccessChanges = ReturnType<typeof createAccessChanges>;

/**
 * The current access of subjects, in memory so that judging a token needs no query. `publish` sends a change to the other
 * nodes and must not throw; a node that misses it reads it from the table within a minute.
 */
export function createAccessChanges(deps: {
  repository: AccessChangesRepository;
  clock: Clock;
  publish: (change: AccessChange) => void;
  /** Changes kept in memory. */
  max?: number;
}) {
  const { repository, clock, publish, max = MAX_CHANGES_IN_MEMORY } = deps;
  const memory = createChangeMemory(max);
  const listeners = new Set<(change: AccessChange) => void>();
  let readAt: number | null = null;
  // Advanced by readings of the table only: a change from the bus proves nothing about earlier ones.
  let readUpTo = 0;

  function apply(change: AccessChange): void {
    if (memory.put(change)) for (const listener of listeners) listener(change);
  }

  function applyReading(changes: readonly AccessChange[]): void {
    memory.limitTo(changes);
    for (const change of changes) {
      apply(change);
      readUpTo = Math.max(readUpTo, change.changedAt);
    }
    readAt = clock.now();
  }

  return {
    /** Reads the latest changes; until then every token is refused with 503. */
    async load(): Promise<void> {
      applyReading(await repository.selectAccessChanges(max));
    },
    /** Reads the changes since the last reading, in case the bus lost some. */
    async reload(): Promise<void> {
      applyReading(await repository.selectAccessChangesSince(readUpTo - LATE_COMMIT_MS, max));
      memory.trim();
    },
    /** Stores a change, applies it and publishes it to the other nodes. */
    async record(input: AccessChangeInput): Promise<AccessChange> {
      const change = await repository.upsertAccessChange(input);
      publish(change);
      apply(change);
      return change;
    },
    /** Applies a change that another node recorded. */
    applyRemote: apply,
    /** Reads the subject's change if the token may be older than all changes in memory. Call it before `judge`. */
    async ensureKnown(viewer: Pick<Viewer, 'sub' | 'issuedAt'>): Promise<void> {
      if (memory.isComplete(viewer)) return;
      memory.putLookup(viewer.sub, await repository.selectOptionalAccessChange(viewer.sub));
    },
    /**
     * The viewer with the tier of the subject's newest change. Throws UnauthorizedError `token_revoked`. The role never
     * changes: to end an admin's access, revoke the subject.
     */
    judge(viewer: Viewer): Viewer {
      if (readAt === null) {
        throw new UnavailableError('access_not_loaded', 'Access changes are not loaded yet; try again');
      }
      return applyTo(viewer, memory.get(viewer.sub));
    },
    /** Calls `listener` after each applied change of any origin. Returns the unsubscribe function. */
    onChange(listener: (change: AccessChange) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** `readAt`: epoch ms of the last reading of the table, `null` before the first. */
    status: () => ({ subjects: memory.size(), readAt }),
  };
}

function applyTo(viewer: Viewer, change: AccessChange | undefined): Viewer {
  if (!change || !isIssuedBefore(viewer.issuedAt, change.changedAt)) return viewer;
  if (change.tier !== null) return { ...viewer, tier: change.tier };
  throw new UnauthorizedError('This access has been revoked; sign in again', { code: 'token_revoked' });
}

/** The newest change of each subject, complete for all tokens issued after some moment. */
function createChangeMemory(max: number) {
  const newest = new Map<string, AccessChange>();
  /** All later changes are in memory, epoch ms. */
  let completeSince = -Infinity;
  /** Subjects whose older change has been looked up. */
  const lookedUp = new Set<string>();

  return {
    size: () => newest.size,
    get: (sub: string) => newest.get(sub),
    /** False if this or a newer change of the subject is known. */
    put(change: AccessChange): boolean {
      const known = newest.get(change.sub);
      if (known && known.changedAt >= change.changedAt) return false;
      newest.set(change.sub, change);
      return true;
    },
    /** Notes that a reading of `max` changes, newest first, may have omitted older ones. */
    limitTo(changes: readonly AccessChange[]): void {
      if (changes.length === max) completeSince = Math.max(completeSince, changes.at(-1)!.changedAt);
    },
    isComplete({ sub, issuedAt }: Pick<Viewer, 'sub' | 'issuedAt'>): boolean {
      return !isIssuedBefore(issuedAt, completeSince) || newest.has(sub) || lookedUp.has(sub);
    },
    /** Keeps the result of a look-up. No listener is called: the subject's open sockets were judged by this change. */
    putLookup(sub: string, change: AccessChange | null): void {
      if (lookedUp.size >= max) lookedUp.clear();
      lookedUp.add(sub);
      if (change && !newest.has(sub)) newest.set(sub, change);
    },
    /** Evicts the oldest changes. Open sockets are not affected: they were judged on connect and by each change since. */
    trim(): void {
      if (newest.size <= 2 * max) return;
      const byAge = [...newest.values()].sort((a, b) => b.changedAt - a.changedAt);
      for (const { sub, changedAt } of byAge.slice(max)) {
        newest.delete(sub);
        completeSince = Math.max(completeSince, changedAt);
      }
      lookedUp.clear();
    },
  };
}

/**
 * Whether a token may be older than a change. `iat` is in whole seconds of the issuer's clock, which may be ahead by as
 * much as verification allows; a smaller tolerance would let a token issued ahead of time escape its revocation. A token
 * really issued after the change is judged by it harmlessly, except that a revoked subject has to wait a minute, or for a
 * change that restores its tier.
 */
function isIssuedBefore(issuedAt: number, changedAt: number): boolean {
  const latest = changedAt + ISSUER_AHEAD_MS + CLOCK_DISAGREEMENT_MS;
  return issuedAt <= Math.floor(latest / SECOND_MS) * SECOND_MS;
}
