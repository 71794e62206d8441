import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { useStore } from 'zustand';
import { Popover } from '../shell/Popover.tsx';
import { useDashboard } from '../shell/useDashboard.ts';
import { ListChoice } from './ListChoice.tsx';

/** The watchlists that a symbol is in. Guests have stars only. */
export function SymbolLists({ symbol }: { symbol: string }) {
  const { session, lists } = useDashboard();
  const count = useStore(
    lists,
    ({ symbols }) => [...symbols].filter(([id, it]) => id !== FAVOURITES_ID && it.has(symbol)).length,
  );
  if (!session) return null;
  return (
    <div className="symbol-lists">
      <Popover label="Lists" title={`Watchlists of ${symbol}`} badge={count}>
        <ListChoice symbol={symbol} />
      </Popover>
    </div>
  );
}
