import { useEffect, useId, useState } from 'react';
import { Session, SessionOptions, type DemoUser } from '../../access/access.types.ts';
import { sendJson } from '../live/api.ts';
import { useRead } from '../live/useRead.ts';
import { BrandLink } from '../shell/Brand.tsx';
import { Button, TextButton } from '../shell/Button.tsx';
import { readSession, signOut } from '../shell/session.ts';
import { FaultText } from './FaultText.tsx';
import { readNext } from './next.ts';
import { COOKIE_NOT_KEPT, DEMO_LABELS, explainArrival, explainRefusal } from './signInWords.ts';
import { TokenForm } from './TokenForm.tsx';
import { useStoredLook } from './useStoredLook.ts';
import './signIn.css';

type Fault = { where: 'demo' | 'token'; text: string };

/** `/sign-in`: demo users where the server has them, else an access token, which is sent once and not stored. */
export function SignInPage() {
  useStoredLook();
  // Without an answer there are no demo buttons; the fault shows on the first sign-in.
  const options = useRead('/api/session/options', SessionOptions);
  const demoUsers = options?.demo ? options.tiers : [];
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const arrival = explainArrival(window.location.search);
  useEffect(() => {
    document.title = 'Sign in · VolSpike Open Interest';
  }, []);
  const textOf = (where: Fault['where']) => (fault?.where === where ? fault.text : null);

  async function signIn(where: Fault['where'], body: unknown): Promise<boolean> {
    setBusy(true);
    setFault(null);
    const text = await createSession(body);
    if (text === null) return true;
    setBusy(false);
    setFault({ where, text });
    return false;
  }

  return (
    <main className="sign-in">
      <p>
        <BrandLink />
      </p>
      <h1>Sign in</h1>
      {arrival && <p role="status">{arrival}</p>}
      {demoUsers.length > 0 && (
        <DemoUsers
          users={demoUsers}
          busy={busy}
          fault={textOf('demo')}
          onChoose={(demo) => void signIn('demo', { demo })}
        />
      )}
      <TokenForm
        busy={busy}
        fault={textOf('token')}
        onFault={(text) => setFault(text === null ? null : { where: 'token', text })}
        onToken={(token) => signIn('token', { token })}
      />
      <p>
        <TextButton onClick={() => void lookAsGuest()}>See the 5-minute board without signing in</TextButton>
      </p>
    </main>
  );
}

/** Signs in and leaves the page; resolves to the error, if any. */
async function createSession(body: unknown): Promise<string | null> {
  try {
    await sendJson('POST', '/api/session', Session, { body });
    if ((await readSession()) === null) return COOKIE_NOT_KEPT;
    window.location.replace(readNext(window.location.search, window.location.origin));
    return null;
  } catch (thrown) {
    return explainRefusal(thrown, window.location);
  }
}

/** Without the cookie, which the server refuses once it has expired. Other pages than the board would lead back here. */
function lookAsGuest(): Promise<void> {
  const next = readNext(window.location.search, window.location.origin);
  return signOut(/^\/(?:\?|$)/.test(next) ? next : '/');
}

function DemoUsers(props: {
  users: readonly DemoUser[];
  busy: boolean;
  fault: string | null;
  onChoose: (user: DemoUser) => void;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>Local development</h2>
      <div className="sign-in-demo">
        {props.users.map((user) => (
          <Button key={user} disabled={props.busy} onClick={() => props.onChoose(user)}>
            {DEMO_LABELS[user]}
          </Button>
        ))}
      </div>
      {props.fault !== null && <FaultText text={props.fault} />}
      <p className="sign-in-or">
        <span>or</span>
      </p>
    </section>
  );
}
