import { useEffect, useState } from 'react';
import { LiquidUniverseBody } from '../../openInterest/openInterest.liquidUniverse.types.ts';
import { formatUsd } from '../format.ts';
import { getJson } from '../live/api.ts';

/** The threshold is the server's, so it is asked for rather than written here. */
export function EmptyUniverse() {
  const [threshold, setThreshold] = useState<number | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    getJson('/api/market/open-interest/liquid-universe', LiquidUniverseBody, abort.signal).then(
      (universe) => setThreshold(universe.enterThreshold),
      () => undefined,
    );
    return () => abort.abort();
  }, []);
  return (
    <p>
      No symbols yet. The liquid universe is empty: no USDT perpetual has passed the{' '}
      {threshold !== null && `${formatUsd(threshold)} `}volume threshold, or the universe job has not run.
    </p>
  );
}
