import { useState, type ReactNode } from 'react';
import { Button } from '../shell/Button.tsx';

/** A named thing of the user: shown by its button, renamed in place, deleted. `children`: further buttons. */
export function KeptItem(props: {
  name: string;
  label?: ReactNode;
  /** `undefined`: the button shows it once, and has no state. */
  isShown?: boolean;
  onShow: () => void;
  /** Resolves to whether it was renamed. */
  onRename: (name: string) => Promise<boolean>;
  onDelete: () => void;
  children?: ReactNode;
}) {
  const { name } = props;
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
          <Button type="submit" className="small">
            Rename
          </Button>
        </form>
      </li>
    );
  }
  return (
    <li>
      <Button className="quiet" aria-pressed={props.isShown} onClick={props.onShow}>
        {props.label ?? name}
      </Button>
      {props.children}
      <Button className="quiet small" aria-label={`Rename ${name}`} onClick={() => setRenaming(true)}>
        Rename
      </Button>
      <Button className="quiet small" aria-label={`Delete ${name}`} onClick={props.onDelete}>
        Delete
      </Button>
    </li>
  );
}

/** `label` names the field; the button says what happens. */
export function NameForm(props: {
  label: string;
  button: string;
  onName: (name: string) => Promise<unknown>;
}) {
  return (
    <form action={async (fields) => void (await props.onName(nameIn(fields)))}>
      <label>
        {props.label} <input name="name" required maxLength={60} autoComplete="off" />
      </label>
      <Button type="submit">{props.button}</Button>
    </form>
  );
}

function focusField(field: HTMLInputElement | null): void {
  field?.focus();
}

function nameIn(fields: FormData): string {
  const name = fields.get('name');
  return typeof name === 'string' ? name.trim() : '';
}
