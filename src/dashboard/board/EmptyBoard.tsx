import { Suspense, lazy } from 'react';
import type { ConnectionState } from '../live/connection.ts';
import type { View } from './view.ts';

const EmptyUniverse = lazy(async () => ({ default: (await import('./EmptyUniverse.tsx')).EmptyUniverse }));

/** Why there is nothing to see. */
export function EmptyBoard(props: {
  state: ConnectionState;
  view: View;
  favourites: number;
  failure: string | null;
  onClear: () => void;
  onRetry: () => void;
}) {
  const { state, view } = props;
  if (state === 'loading') {
    return (
      <div role="status">
        <span className="sr-only">Loading open interest…</span>
        {Array.from({ length: 12 }, (_, i) => (
          <div key={i} className="skeleton" />
        ))}
      </div>
    );
  }
  if (state === 'cant-sync') {
    return (
      <p role="alert">
        The table could not be loaded ({props.failure ?? 'no answer'}).{' '}
        <button type="button" className="link" onClick={props.onRetry}>
          Try again
        </button>
      </p>
    );
  }
  if (state === 'empty') {
    return (
      <Suspense fallback={null}>
        <EmptyUniverse />
      </Suspense>
    );
  }
  // The line above the table says what is waited for.
  if (state === 'waiting') return <p>Nothing to show yet.</p>;
  if (view.favouritesOnly && props.favourites === 0) {
    return <p>No favourites yet. Press F on a row, or use the star.</p>;
  }
  return (
    <p>
      {view.query === '' ? 'No symbol passes the filters.' : `No symbol matches “${view.query}”.`}{' '}
      <button type="button" className="link" onClick={props.onClear}>
        Clear filters
      </button>
    </p>
  );
}
