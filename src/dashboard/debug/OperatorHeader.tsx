import type { Session } from '../../access/access.types.ts';
import { formatAge } from '../../kit/format.shared.ts';
import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { AccountMenu } from '../shell/AccountMenu.tsx';
import { Brand } from '../shell/Brand.tsx';
import { Button } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { CopyButton } from './CopyButton.tsx';
import type { HealthLine } from './health.ts';
import { writeCurl, writeReport } from './report.ts';
import type { SocketLine } from './socketLine.ts';
import { useConsole, useServerNow } from './useConsole.ts';

/** The socket's state, the age of the data, and the page's controls. */
export function OperatorHeader(props: {
  session: Session;
  socket: SocketLine;
  /** The last answer; `null`: none yet. */
  body: DebugBody | null;
  health: HealthLine;
  paused: boolean;
  onPause: () => void;
}) {
  const { session, socket, body, health, paused } = props;
  const operator = useConsole();
  return (
    <header className="header operator-header">
      <a className="skip" href="#pipeline">
        Skip to the pipeline
      </a>
      <Brand>Operator</Brand>
      <span className={`pill tone-${socket.tone}`} data-testid="socket-pill">
        <Icon name={socket.icon} />
        {socket.word}
      </span>
      <span className="freshness" data-testid="data-age">
        <DataAge body={body} />
        {paused && ' · paused'}
      </span>
      <span className="sr-only" role="status">
        {health.word}
        {health.sentence && `: ${health.sentence}`}. {socket.word}.
      </span>
      <div className="controls">
        <Button aria-pressed={paused} onClick={props.onPause}>
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <CopyButton label="Copy as curl" write={() => writeCurl(window.location.origin)} />
        <CopyButton
          label="Copy report"
          write={body && (() => writeReport(body, health, operator.serverNow()))}
        />
        <AccountMenu session={session} />
      </div>
    </header>
  );
}

function DataAge({ body }: { body: DebugBody | null }) {
  const now = useServerNow();
  return body === null ? 'no data yet' : `data ${formatAge(now - body.serverTime)} old`;
}
