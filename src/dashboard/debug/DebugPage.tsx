import { useEffect, useState } from 'react';
import type { Session } from '../../access/access.types.ts';
import { MessagePage } from '../shell/MessagePage.tsx';
import { goToSignIn, readSession } from '../shell/session.ts';
import { useStoredLook } from '../signIn/useStoredLook.ts';
import { createOperatorConsole, type OperatorConsole } from './console.ts';
import { Forbidden } from './Forbidden.tsx';
import { OperatorPage } from './OperatorPage.tsx';

type Entry = { session: Session; console: OperatorConsole | null };

/** One a page, whatever React mounts twice. */
let entering: Promise<Entry | null> | undefined;

async function enter(): Promise<Entry | null> {
  const session = await readSession();
  if (session) return { session, console: session.role === 'admin' ? createOperatorConsole() : null };
  goToSignIn();
  return null;
}

/** `/debug/open-interest`: for operators, and nobody looks at it as a guest. */
export function DebugPage() {
  const settings = useStoredLook();
  const [entry, setEntry] = useState<Entry | null>(null);
  const [failed, setFailed] = useState<string | null>(null);

  function load(): void {
    setFailed(null);
    entering ??= enter();
    entering.then(setEntry, (thrown: unknown) => {
      entering = undefined;
      setFailed(thrown instanceof Error ? thrown.message : String(thrown));
    });
  }
  useEffect(load, []);
  useEffect(() => {
    document.title = failed === null ? 'OI: Loading' : 'OI: Unknown';
  }, [failed]);

  if (entry?.console)
    return <OperatorPage console={entry.console} session={entry.session} zone={settings.zone} />;
  if (entry) return <Forbidden />;
  if (failed === null) return <MessagePage title="Loading…" />;
  return (
    <MessagePage title="Unknown: the server does not say who you are.">
      <p role="alert">{failed}.</p>
      <p>
        <button type="button" className="button primary" onClick={load}>
          Try again
        </button>
      </p>
    </MessagePage>
  );
}
