import { LiquidUniverseBody } from '../../openInterest/universe/universe.types.ts';
import { formatUsd } from '../../kit/format.shared.ts';
import { useRead } from '../live/useRead.ts';

/** The threshold is the server's, so it is asked for rather than written here. */
export function EmptyUniverse() {
  const universe = useRead('/api/market/open-interest/liquid-universe', LiquidUniverseBody);
  return (
    <p>
      No symbols yet. The liquid universe is empty: no USDT perpetual has passed the{' '}
      {universe && `${formatUsd(universe.enterThreshold)} `}volume threshold, or the universe job has not run.
    </p>
  );
}
