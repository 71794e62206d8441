import { Icon } from './Icon.tsx';
import { useDashboard, useFavourites } from './useDashboard.ts';

export function FavouriteStar({ symbol }: { symbol: string }) {
  const { preferences } = useDashboard();
  const isFavourite = useFavourites((it) => it.has(symbol));
  return (
    <button
      type="button"
      className="star"
      aria-pressed={isFavourite}
      aria-label={`Favourite ${symbol}`}
      onClick={() => preferences.toggleFavourite(symbol)}
    >
      <Icon name="star" filled={isFavourite} />
    </button>
  );
}
