import { useEffect, useState } from 'react';
import { SavedViewsInput, type SavedViews } from '../../openInterest/views/views.types.ts';
import { ApiError } from '../live/api.ts';
import { goToSignIn } from '../shell/session.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import {
  captureView,
  readSavedViews,
  renameView,
  replaceSavedViews,
  showView,
  withoutView,
  withView,
} from './savedViews.ts';
import './views.css';

/** The saved views of the user: show, save, rename, delete, and the one that the page opens with. */
export function ViewsPanel() {
  const { session } = useDashboard();
  if (session) return <OwnViews />;
  return (
    <>
      <p>Views are saved with your account.</p>
      <button type="button" className="button" onClick={() => goToSignIn()}>
        Sign in
      </button>
    </>
  );
}

function OwnViews() {
  const { saved, fault, save } = useSavedViews();
  const [deleted, setDeleted] = useState<SavedViews | null>(null);
  return (
    <div className="views-panel">
      {fault !== '' && <p role="alert">{fault}</p>}
      {saved && (
        <>
          <SaveForm onSave={(view) => save(withView(saved, view))} />
          {saved.views.length === 0 && (
            <p className="muted">A view keeps filters, sort, columns, unit and window.</p>
          )}
          <ul>
            {saved.views.map((view) => (
              <ViewItem
                key={view.name}
                name={view.name}
                query={view.query}
                isDefault={view.name === saved.defaultName}
                onRename={(to) => save(renameView(saved, view.name, to))}
                onDefault={(is) => save({ ...saved, defaultName: is ? view.name : null })}
                onDelete={() =>
                  void save(withoutView(saved, view.name)).then((ok) => ok && setDeleted(saved))
                }
              />
            ))}
          </ul>
          {deleted && (
            <button
              type="button"
              className="button"
              onClick={() => void save({ ...deleted, version: saved.version }).then(() => setDeleted(null))}
            >
              Undo delete
            </button>
          )}
        </>
      )}
    </div>
  );
}

/** `save` answers whether the server stored the views. */
function useSavedViews() {
  const [saved, setSaved] = useState<SavedViews | null>(null);
  const [fault, setFault] = useState('');

  async function attempt(call: () => Promise<SavedViews>): Promise<boolean> {
    try {
      setSaved(await call());
      setFault('');
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setFault(thrown.message);
      if (thrown.status === 412) setSaved(await readSavedViews());
      return false;
    }
  }
  useEffect(() => {
    readSavedViews().then(setSaved, () =>
      setFault('Your saved views could not be loaded: open this menu again.'),
    );
  }, []);

  async function save(next: SavedViews): Promise<boolean> {
    const checked = SavedViewsInput.safeParse(next);
    if (checked.success) return attempt(() => replaceSavedViews(next));
    setFault(checked.error.issues.map((it) => `${String(it.path.at(-1))} ${it.message}`).join('; '));
    return false;
  }
  return { saved, fault, save };
}

function SaveForm({ onSave }: { onSave: (view: { name: string; query: string }) => Promise<boolean> }) {
  const dashboard = useDashboard();
  return (
    <form
      action={async (fields) => {
        await onSave({ name: nameIn(fields), query: captureView(dashboard) });
      }}
    >
      <label>
        Save this view as <input name="name" required maxLength={60} autoComplete="off" />
      </label>
      <button type="submit" className="button">
        Save
      </button>
    </form>
  );
}

function ViewItem(props: {
  name: string;
  query: string;
  isDefault: boolean;
  onRename: (name: string) => Promise<boolean>;
  onDefault: (isDefault: boolean) => Promise<boolean>;
  onDelete: () => void;
}) {
  const dashboard = useDashboard();
  const { name, isDefault } = props;
  const [renaming, setRenaming] = useState(false);
  if (renaming) {
    return (
      <li>
        <form
          action={async (fields) => {
            const to = nameIn(fields);
            if (to === name || (await props.onRename(to))) setRenaming(false);
          }}
        >
          <input
            ref={focusField}
            name="name"
            aria-label={`New name of ${name}`}
            defaultValue={name}
            required
            maxLength={60}
          />
          <button type="submit" className="button small">
            Rename
          </button>
        </form>
      </li>
    );
  }
  return (
    <li>
      <button type="button" className="button quiet" onClick={() => showView(dashboard, props.query)}>
        {name}
      </button>
      <button
        type="button"
        className="button quiet small"
        aria-pressed={isDefault}
        aria-label={`Default: ${name}`}
        onClick={() => void props.onDefault(!isDefault)}
      >
        Default
      </button>
      <button
        type="button"
        className="button quiet small"
        aria-label={`Rename ${name}`}
        onClick={() => setRenaming(true)}
      >
        Rename
      </button>
      <button
        type="button"
        className="button quiet small"
        aria-label={`Delete ${name}`}
        onClick={props.onDelete}
      >
        Delete
      </button>
    </li>
  );
}

function focusField(field: HTMLInputElement | null): void {
  field?.focus();
}

function nameIn(fields: FormData): string {
  const name = fields.get('name');
  return typeof name === 'string' ? name.trim() : '';
}
