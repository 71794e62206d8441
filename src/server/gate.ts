import { UnavailableError } from '../kit/errors.ts';

/** Whether this node may be asked: not before it holds what the database held, and not while it is going down. */
export type Gate = {
  state(): 'starting' | 'open' | 'draining';
  open(): void;
  drain(): void;
  /** Throws 503 unless the node is open. */
  requireOpen(): void;
};

export function createGate(): Gate {
  let state: 'starting' | 'open' | 'draining' = 'starting';
  return {
    state: () => state,
    open() {
      if (state === 'starting') state = 'open';
    },
    drain() {
      state = 'draining';
    },
    requireOpen() {
      if (state === 'starting') {
        throw new UnavailableError('starting', 'This node is reading its board from the database; try again');
      }
      if (state === 'draining') {
        throw new UnavailableError(
          'draining',
          'This node is going down; send it again, another will take it',
        );
      }
    },
  };
}
