import { useEffect, useState } from 'react';
import type { SavedView, SavedViews } from '../../openInterest/views/views.types.ts';
import { Button, TextButton } from '../shell/Button.tsx';
import { goToSignIn } from '../shell/session.ts';
import { useDashboard, useView } from '../shell/useDashboard.ts';
import { changeKept } from '../watchlists/changeKept.ts';
import { KeptItem, NameForm } from '../watchlists/KeptItem.tsx';
import { useSaving } from '../watchlists/useSaving.ts';
import {
  captureView,
  readBrowserViews,
  renameView,
  restoreView,
  showView,
  viewsOf,
  withDefault,
  withoutView,
  withView,
  withViews,
  writeBrowserViews,
} from './savedViews.ts';
import './views.css';

type Deleted = { readonly view: SavedView; readonly at: number; readonly wasDefault: boolean };

/** The saved views: show, save, rename, delete, and the one that the page opens with. */
export function ViewsPanel() {
  const dashboard = useDashboard();
  const { saved, fault, save } = useSavedViews();
  const [deleted, setDeleted] = useState<Deleted | null>(null);
  // Rendered again whenever what would be saved changes.
  useView((it) => it);
  const captured = captureView(dashboard);

  async function remove(view: SavedView): Promise<void> {
    const { views, defaultName } = saved!;
    const removed = { view, at: views.indexOf(view), wasDefault: view.name === defaultName };
    if (await save((it) => withoutView(it, view.name))) setDeleted(removed);
  }
  return (
    <div className="views-panel">
      {fault !== '' && <p role="alert">{fault}</p>}
      {saved && (
        <>
          <NameForm
            label="Save this view as"
            button="Save"
            onName={(name) => save((it) => withView(it, { name, query: captureView(dashboard) }))}
          />
          {saved.views.length === 0 && (
            <p className="muted">A view keeps filters, sort, columns, unit and window.</p>
          )}
          <ul>
            {saved.views.map((view) => (
              <KeptItem
                key={view.name}
                name={view.name}
                isShown={view.query === captured}
                onShow={() => showView(dashboard, view.query)}
                onRename={(to) => save((it) => renameView(it, view.name, to))}
                onDelete={() => void remove(view)}
              >
                <DefaultButton
                  name={view.name}
                  isDefault={view.name === saved.defaultName}
                  onChange={(isDefault) => void save((it) => withDefault(it, isDefault ? view.name : null))}
                />
              </KeptItem>
            ))}
          </ul>
          {deleted && (
            <Button
              onClick={() =>
                void save((it) => restoreView(it, deleted)).then((isDone) => isDone && setDeleted(null))
              }
            >
              Undo delete
            </Button>
          )}
          {dashboard.session ? (
            <FromBrowser onAdd={(views) => save((it) => withViews(it, views))} />
          ) : (
            <Guest />
          )}
        </>
      )}
    </div>
  );
}

function useSavedViews() {
  const dashboard = useDashboard();
  const [saved, setSaved] = useState<SavedViews | null>(null);
  const { fault, setFault, attempt } = useSaving();
  useEffect(() => {
    viewsOf(dashboard)
      .read()
      .then(setSaved, () => setFault('Your saved views could not be loaded: open this menu again.'));
  }, [dashboard, setFault]);

  const save = (change: (saved: SavedViews) => SavedViews) =>
    attempt(changeKept(saved!, change, viewsOf(dashboard)).then(setSaved));
  return { saved, fault, save };
}

function Guest() {
  return (
    <p className="muted">
      Your views stay in this browser. <TextButton onClick={() => goToSignIn()}>Sign in</TextButton> to keep
      them with your account.
    </p>
  );
}

/** Offers the views that were saved here without an account. */
function FromBrowser({ onAdd }: { onAdd: (views: readonly SavedView[]) => Promise<boolean> }) {
  const { memory } = useDashboard();
  const [views, setViews] = useState(() => readBrowserViews(memory).views);
  if (views.length === 0) return null;
  async function add(): Promise<void> {
    if (!(await onAdd(views))) return;
    writeBrowserViews(memory, { views: [], defaultName: null });
    setViews([]);
  }
  return (
    <p className="muted">
      Saved in this browser: {views.map((it) => it.name).join(', ')}.{' '}
      <TextButton onClick={() => void add()}>Add to your account</TextButton>
    </p>
  );
}

function DefaultButton(props: { name: string; isDefault: boolean; onChange: (isDefault: boolean) => void }) {
  return (
    <Button
      className="quiet small"
      aria-pressed={props.isDefault}
      aria-label={`Default: ${props.name}`}
      onClick={() => props.onChange(!props.isDefault)}
    >
      Default
    </Button>
  );
}
