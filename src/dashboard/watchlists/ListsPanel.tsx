import { FAVOURITES_ID } from '../../openInterest/views/favourites.shared.ts';
import { useState } from 'react';
import { formatCount } from '../../kit/format.shared.ts';
import { Button } from '../shell/Button.tsx';
import { goToSignIn } from '../shell/session.ts';
import { useBoard, useDashboard, useFavourites, useView } from '../shell/useDashboard.ts';
import { KeptItem, NameForm } from './KeptItem.tsx';
import { newListId, renameList, withList, withoutList, type Watchlist } from './listChanges.ts';
import { useLists } from './useLists.ts';
import { showList } from './watchlists.ts';
import '../views/views.css';

/** The watchlists: filter the board by one, create, rename and delete them. */
export function ListsPanel() {
  const { session } = useDashboard();
  return (
    <div className="views-panel">
      {session ? (
        <OwnLists />
      ) : (
        <>
          <ul>
            <Choices />
          </ul>
          <p className="muted">Stars stay in this browser. Further lists are kept with your account.</p>
          <Button onClick={() => goToSignIn()}>Sign in</Button>
        </>
      )}
    </div>
  );
}

/** What is there without a list of the user. */
function Choices() {
  const dashboard = useDashboard();
  const favouritesOnly = useView((it) => it.favouritesOnly);
  const isAll = useView((it) => !it.favouritesOnly && it.list === null);
  const stars = useFavourites((it) => it.size);
  const total = useBoard((it) => it.total);
  const choice = (id: string | null, isShown: boolean, text: string) => (
    <li>
      <Button className="quiet" aria-pressed={isShown} onClick={() => showList(dashboard, id)}>
        {text}
      </Button>
    </li>
  );
  return (
    <>
      {choice(null, isAll, `All symbols · ${formatCount(total)}`)}
      {choice(FAVOURITES_ID, favouritesOnly, `Favourites · ${formatCount(stars)}`)}
    </>
  );
}

function OwnLists() {
  const dashboard = useDashboard();
  const chosen = useView((it) => it.list);
  const { own, saved, fault, save } = useLists();
  const [deleted, setDeleted] = useState<{ list: Watchlist; at: number; wasShown: boolean } | null>(null);

  async function remove(list: Watchlist): Promise<void> {
    const at = saved!.lists.indexOf(list);
    if (!(await save((it) => withoutList(it, list.id)))) return;
    const wasShown = chosen === list.id;
    setDeleted({ list, at, wasShown });
    if (wasShown) showList(dashboard, null);
  }
  async function undo({ list, at, wasShown }: NonNullable<typeof deleted>): Promise<void> {
    if (!(await save((it) => withList(it, list, at)))) return;
    setDeleted(null);
    if (wasShown) showList(dashboard, list.id);
  }

  return (
    <>
      {fault !== '' && <p role="alert">{fault}</p>}
      <ul>
        <Choices />
        {own?.map((list) => (
          <KeptItem
            key={list.id}
            name={list.name}
            label={`${list.name} · ${formatCount(list.symbols.length)}`}
            isShown={chosen === list.id}
            onShow={() => showList(dashboard, list.id)}
            onRename={(to) => save((it) => renameList(it, list.id, to))}
            onDelete={() => void remove(list)}
          />
        ))}
      </ul>
      {deleted && <Button onClick={() => void undo(deleted)}>Undo delete</Button>}
      {own && (
        <NameForm
          label="New list"
          button="Create"
          onName={(name) => save((it) => withList(it, { id: newListId(), name, symbols: [] }))}
        />
      )}
      {own?.length === 0 && (
        <p className="muted">Add symbols to a list with L in the table, or in their details.</p>
      )}
    </>
  );
}
