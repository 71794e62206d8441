import { useState } from 'react';
import type { Session } from '../../access/access.types.ts';
import { formatAge } from '../../kit/format.shared.ts';
import { AccountItems } from '../shell/AccountItems.tsx';
import { Icon } from '../shell/Icon.tsx';
import { Popover } from '../shell/Popover.tsx';
import { describeSession } from '../shell/session.ts';
import type { SocketLine } from './socketLine.ts';

/** Who we are, how old what we look at is, and what can be taken away from here. */
export function OperatorHeader(props: {
  session: Session;
  socket: SocketLine;
  /** Of the last answer; `null`: none yet. */
  dataAgeMs: number | null;
  paused: boolean;
  announcement: string;
  onPause: () => void;
  /** `null` while there is nothing to report. */
  writeReport: (() => string) | null;
  curl: string;
}) {
  const { session, socket, dataAgeMs } = props;
  return (
    <header className="header operator-header">
      <a className="skip" href="#pipeline">
        Skip to the pipeline
      </a>
      <h1>
        <a href="/" title="To the dashboard">
          Open Interest
        </a>
        <span className="muted"> · Operator</span>
      </h1>
      <span className={`pill tone-${socket.tone}`} data-testid="socket-pill">
        <Icon name={socket.icon} />
        {socket.word}
      </span>
      <span className="freshness" data-testid="data-age">
        {dataAgeMs === null ? 'no data yet' : `data ${formatAge(dataAgeMs)} old`}
        {props.paused && ' · paused'}
      </span>
      <span className="sr-only" role="status">
        {props.announcement}
      </span>
      <div className="controls">
        <button type="button" className="button" aria-pressed={props.paused} onClick={props.onPause}>
          {props.paused ? 'Resume' : 'Pause'}
        </button>
        <CopyButton label="Copy as curl" write={() => props.curl} />
        <CopyButton label="Copy report" write={props.writeReport} />
        <Popover label={describeSession(session)} title="Account">
          <div className="menu">
            <a className="button" href="/">
              Dashboard
            </a>
            <AccountItems session={session} next="/debug/open-interest" />
          </div>
        </Popover>
      </div>
    </header>
  );
}

/** Says whether it worked: browsers refuse the clipboard to pages that are not served securely. */
function CopyButton({ label, write }: { label: string; write: (() => string) | null }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  const [text, setText] = useState('');

  async function copy(): Promise<void> {
    const written = write?.() ?? '';
    setText(written);
    try {
      await navigator.clipboard.writeText(written);
      setOutcome('copied');
    } catch {
      setOutcome('failed');
    }
  }

  return (
    <span className="copy">
      <button
        type="button"
        className="button"
        disabled={write === null}
        onClick={() => void copy()}
        onBlur={() => outcome === 'copied' && setOutcome(null)}
      >
        {/* Both words take their place, so that no button moves away from under the pointer. */}
        <span className="copy-words">
          <span className={outcome === 'copied' ? 'is-away' : ''}>{label}</span>
          <span className={outcome === 'copied' ? '' : 'is-away'}>Copied</span>
        </span>
      </button>
      <span className="sr-only" role="status">
        {outcome === 'copied' && `${label}: copied`}
      </span>
      {outcome === 'failed' && (
        <div className="copy-by-hand" role="group" aria-label={label}>
          <label>
            The browser does not let this page copy. Select and copy:
            <textarea readOnly value={text} rows={8} onFocus={(event) => event.target.select()} autoFocus />
          </label>
          <button type="button" className="button" onClick={() => setOutcome(null)}>
            Close
          </button>
        </div>
      )}
    </span>
  );
}
