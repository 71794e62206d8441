import { UnavailableError } from '../kit/errors.ts';

/** Whether this node may be asked: not before it holds what the database held, and not while it is going down. */
export type Gate = {
  state(): 'starting' | 'open' | 'draining';
  open(): void;
  drain(): void;
  /** Throws 503 unless the node is open. */
  requireOpen(): void;
  /** Throws 503 while the node is starting. One that is going down still answers questions. */
  requireStarted(): void;
};

export function createGate(): Gate {
  let state: 'starting' | 'open' | 'draining' = 'starting';

  function requireStarted(): void {
    if (state !== 'starting') return;
    throw new UnavailableError('starting', 'This node is reading its board from the database; try again');
  }

  return {
    state: () => state,
    open() {
      if (state === 'starting') state = 'open';
    },
    drain() {
      state = 'draining';
    },
    requireOpen() {
      requireStarted();
      if (state === 'draining') {
        throw new UnavailableError(
          'draining',
          'This node is going down; send it again, another will take it',
        );
      }
    },
    requireStarted,
  };
}
