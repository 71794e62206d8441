import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { Session, SessionOptions, type DemoUser } from '../../access/access.types.ts';
import { getJson, postJson } from '../live/api.ts';
import { Icon } from '../shell/Icon.tsx';
import { readSession } from '../shell/session.ts';
import { readNext } from './next.ts';
import {
  COOKIE_NOT_KEPT,
  DEMO_LABELS,
  explainArrival,
  explainNoToken,
  explainRefusal,
  looksLikeToken,
  trimToken,
} from './signInWords.ts';
import { useStoredLook } from './useStoredLook.ts';

type Fault = { where: 'demo' | 'token'; text: string };

/** `/sign-in`: a demo user where there are any, else an access token, which goes to the server once and is kept nowhere. */
export function SignInPage() {
  useStoredLook();
  const { search, origin } = window.location;
  const [demoUsers, setDemoUsers] = useState<readonly DemoUser[]>([]);
  const [token, setToken] = useState('');
  const [shown, setShown] = useState(false);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const arrival = explainArrival(search);
  const id = useId();

  useEffect(() => {
    document.title = 'Sign in · Open Interest';
    const controller = new AbortController();
    // Without an answer there are no demo buttons; what is wrong shows when somebody signs in.
    getJson('/api/session/options', SessionOptions, controller.signal).then(
      (options) => setDemoUsers(options.demo ? options.tiers : []),
      () => undefined,
    );
    return () => controller.abort();
  }, []);

  async function signIn(where: Fault['where'], body: unknown): Promise<void> {
    setBusy(true);
    setFault(null);
    try {
      await postJson('/api/session', Session, body);
      if ((await readSession()) === null) return fail(where, COOKIE_NOT_KEPT);
      // The token must not come back with the Back button.
      setToken('');
      window.location.replace(readNext(search, origin));
    } catch (thrown) {
      fail(where, explainRefusal(thrown, window.location));
    }
  }

  function fail(where: Fault['where'], text: string): void {
    setBusy(false);
    refuse({ where, text });
  }

  function refuse(found: Fault): void {
    setFault(found);
    if (found.where === 'token') field.current?.focus();
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    const trimmed = trimToken(token);
    if (looksLikeToken(trimmed)) void signIn('token', { token: trimmed });
    else refuse({ where: 'token', text: explainNoToken(trimmed) });
  }

  return (
    <main className="sign-in">
      <h1>Sign in</h1>
      {arrival && <p role="status">{arrival}</p>}
      {demoUsers.length > 0 && (
        <section aria-labelledby={`${id}-demo`}>
          <h2 id={`${id}-demo`}>Local development</h2>
          <div className="sign-in-demo">
            {demoUsers.map((user) => (
              <button
                key={user}
                type="button"
                className="button"
                disabled={busy}
                onClick={() => void signIn('demo', { demo: user })}
              >
                {DEMO_LABELS[user]}
              </button>
            ))}
          </div>
          {fault?.where === 'demo' && <FaultText text={fault.text} />}
          <p className="sign-in-or">
            <span>or</span>
          </p>
        </section>
      )}
      <form onSubmit={onSubmit} noValidate>
        <label htmlFor={`${id}-token`}>Access token</label>
        <div className="sign-in-field">
          <input
            ref={field}
            id={`${id}-token`}
            type={shown ? 'text' : 'password'}
            value={token}
            placeholder="paste here"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            aria-invalid={fault?.where === 'token'}
            aria-describedby={fault?.where === 'token' ? `${id}-fault ${id}-note` : `${id}-note`}
            onChange={(event) => {
              setToken(event.target.value);
              setFault(null);
            }}
          />
          <button
            type="button"
            className="button"
            aria-pressed={shown}
            aria-label={shown ? 'Hide the token' : 'Show the token'}
            onClick={() => setShown(!shown)}
          >
            {shown ? 'Hide' : 'Show'}
          </button>
        </div>
        {fault?.where === 'token' && <FaultText id={`${id}-fault`} text={fault.text} />}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
        <p id={`${id}-note`} className="muted">
          The token is exchanged for a session cookie and not kept in this browser.
        </p>
      </form>
    </main>
  );
}

function FaultText({ id, text }: { id?: string; text: string }) {
  return (
    <p id={id} role="alert" className="sign-in-fault">
      <Icon name="cross" /> {text}
    </p>
  );
}
