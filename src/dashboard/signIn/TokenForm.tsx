import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { Button } from '../shell/Button.tsx';
import { FaultText } from './FaultText.tsx';
import { explainNoToken, looksLikeToken, trimToken } from './signInWords.ts';

type Props = {
  busy: boolean;
  fault: string | null;
  onFault: (text: string | null) => void;
  /** Resolves to whether the sign-in succeeded. */
  onToken: (token: string) => Promise<boolean>;
};

/** Signs in with a pasted access token. */
export function TokenForm(props: Props) {
  const [token, setToken] = useState('');
  const id = useId();

  async function submit(): Promise<void> {
    const trimmed = trimToken(token);
    if (!looksLikeToken(trimmed)) return props.onFault(explainNoToken(trimmed));
    // The Back button must not bring the token back.
    if (await props.onToken(trimmed)) setToken('');
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void submit();
  }

  function onChange(text: string): void {
    setToken(text);
    props.onFault(null);
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <label htmlFor={`${id}-token`}>Access token</label>
      <TokenField id={id} token={token} fault={props.fault} onChange={onChange} />
      {props.fault !== null && <FaultText id={`${id}-fault`} text={props.fault} />}
      <Button type="submit" className="primary" disabled={props.busy}>
        {props.busy ? 'Signing in…' : 'Sign in'}
      </Button>
      <p id={`${id}-note`} className="muted">
        The token is exchanged for a session cookie and not kept in this browser.
      </p>
    </form>
  );
}

function TokenField(props: {
  id: string;
  token: string;
  fault: string | null;
  onChange: (token: string) => void;
}) {
  const { id, fault } = props;
  const [shown, setShown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (fault !== null) field.current?.focus();
  }, [fault]);
  return (
    <div className="sign-in-field">
      <input
        ref={field}
        id={`${id}-token`}
        type={shown ? 'text' : 'password'}
        value={props.token}
        placeholder="paste here"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={fault !== null}
        aria-describedby={fault === null ? `${id}-note` : `${id}-fault ${id}-note`}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <Button
        aria-pressed={shown}
        aria-label={shown ? 'Hide the token' : 'Show the token'}
        onClick={() => setShown(!shown)}
      >
        {shown ? 'Hide' : 'Show'}
      </Button>
    </div>
  );
}
