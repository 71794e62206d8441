import { lazyPart } from '../shell/lazyPart.tsx';
import { useView } from '../shell/useDashboard.ts';
import { countFilters } from './filter.ts';

const FilterChips = lazyPart(async () => (await import('./FilterChips.tsx')).FilterChips);

/** The active filters, where there are any. */
export function ActiveFilters() {
  return useView((it) => countFilters(it) > 0) && <FilterChips />;
}
