import { startTransition, useOptimistic } from 'react';
import { NameForm } from './KeptItem.tsx';
import { newListId, putSymbol, withList } from './listChanges.ts';
import { useLists } from './useLists.ts';
import '../views/views.css';

/** Puts a symbol into the lists of the user and takes it out of them. */
export function ListChoice({ symbol }: { symbol: string }) {
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
          button="Create"
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
