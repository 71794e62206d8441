import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { Button } from '../shell/Button.tsx';
import { isStatus, Refusal } from './Refusal.tsx';

/** A form with Save and Cancel. Nothing is lost while it is open: a refusal keeps what was typed and names the field. */
export function RuleForm<Saved>(props: {
  label: string;
  save: () => Promise<Saved>;
  /** Saves over what was changed or deleted elsewhere; `null` for what is new. */
  saveOver: (() => Promise<Saved>) | null;
  /** With what was saved. */
  onClose: (saved: Saved | null) => void;
  children: ReactNode;
}) {
  const { label, save, saveOver, onClose, children } = props;
  const [failed, setFailed] = useState<unknown>(null);
  const [saving, setSaving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('input, select')?.focus(), []);

  async function close(work: Promise<Saved>): Promise<void> {
    setSaving(true);
    setFailed(null);
    try {
      onClose(await work);
    } catch (thrown) {
      setFailed(thrown);
      setSaving(false);
    }
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void close(save());
  }

  return (
    <form ref={form} className="rule-form" onSubmit={onSubmit} noValidate aria-label={label}>
      {children}
      {failed !== null && <Refusal thrown={failed} />}
      <div className="rule-actions">
        <Button type="submit" className="primary" disabled={saving}>
          {saving ? 'Saving…' : 'Save'}
        </Button>
        {saveOver && isStatus(failed, 404, 412) && (
          <Button onClick={() => void close(saveOver())}>Save all the same</Button>
        )}
        <Button onClick={() => onClose(null)}>Cancel</Button>
      </div>
    </form>
  );
}
