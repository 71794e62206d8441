import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { startTransition, useOptimistic } from 'react';
import { useStore } from 'zustand';
import { Popover } from '../shell/Popover.tsx';
import { useDashboard } from '../shell/useDashboard.ts';
import { NameForm } from './KeptItem.tsx';
import { newListId, putSymbol, withList } from './listChanges.ts';
import { useLists } from './useLists.ts';
import '../views/views.css';

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
        <Choice symbol={symbol} />
      </Popover>
    </div>
  );
}

function Choice({ symbol }: { symbol: string }) {
  const { own, fault, save } = useLists();
  return (
    <div className="views-panel">
      {fault !== '' && <p role="alert">{fault}</p>}
      {own?.map((list) => (
        <ListCheck
          key={list.id}
          name={list.name}
          isIn={list.symbols.includes(symbol)}
          onChange={(isIn) => save((it) => putSymbol(it, list.id, symbol, isIn))}
        />
      ))}
      {own && (
        <NameForm
          label={`New list with ${symbol}`}
          button="Make"
          onName={(name) => save((it) => withList(it, { id: newListId(), name, symbols: [symbol] }))}
        />
      )}
    </div>
  );
}

/** Shows the change while the server stores it, and what is stored if it does not. */
function ListCheck(props: { name: string; isIn: boolean; onChange: (isIn: boolean) => Promise<unknown> }) {
  const [isIn, show] = useOptimistic(props.isIn);
  const change = (next: boolean): void =>
    startTransition(async () => {
      show(next);
      await props.onChange(next);
    });
  return (
    <label className="check">
      <input type="checkbox" checked={isIn} onChange={({ target }) => change(target.checked)} /> {props.name}
    </label>
  );
}
