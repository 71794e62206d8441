import { UnavailableError } from '../kit/errors.ts';

export type NodeState = ReturnType<typeof createNodeState>;

/** A node starts, is open from the moment it holds the rows of the database, and drains before it ends. */
export function createNodeState() {
  let state: 'starting' | 'open' | 'draining' = 'starting';

  /** Throws 503 while the node is starting. A draining node still answers reads. */
  function requireStarted(): void {
    if (state !== 'starting') return;
    throw new UnavailableError('starting', 'This node is reading its board from the database; try again');
  }

  return {
    current: () => state,
    open(): void {
      if (state === 'starting') state = 'open';
    },
    drain(): void {
      state = 'draining';
    },
    requireStarted,
    /** Throws 503 while the node is starting or draining. */
    requireOpen(): void {
      requireStarted();
      if (state !== 'draining') return;
      throw new UnavailableError(
        'draining',
        'This node is shutting down; retry, and another node will answer',
      );
    },
  };
}
