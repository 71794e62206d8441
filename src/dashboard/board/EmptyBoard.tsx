import { TextButton } from '../shell/Button.tsx';
import { lazyPart } from '../shell/lazyPart.tsx';
import { useBoard, useDashboard, useFavourites, useView } from '../shell/useDashboard.ts';
import { NO_FILTERS } from './view.ts';

const EmptyUniverse = lazyPart(async () => (await import('./EmptyUniverse.tsx')).EmptyUniverse);

/** Why the table has no rows. */
export function EmptyBoard() {
  const { live, view } = useDashboard();
  const state = useBoard((it) => it.state);
  const failure = useBoard((it) => it.situation.failure ?? 'no answer');
  const query = useView((it) => it.query);
  const isFavourites = useView((it) => it.favouritesOnly);
  const hasFavourites = useFavourites((it) => it.size > 0);
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
        The table could not be loaded ({failure}). <TextButton onClick={live.retryNow}>Try again</TextButton>
      </p>
    );
  }
  if (state === 'empty') return <EmptyUniverse />;
  // The banner above says what the page waits for.
  if (state === 'waiting') return <p>Nothing to show yet.</p>;
  if (isFavourites && !hasFavourites) {
    return <p>No favourites yet. Press F on a row, or use the star.</p>;
  }
  return (
    <p>
      {query === '' ? 'No symbol passes the filters.' : `No symbol matches “${query}”.`}{' '}
      <TextButton onClick={() => view.change(NO_FILTERS)}>Clear filters</TextButton>
    </p>
  );
}
