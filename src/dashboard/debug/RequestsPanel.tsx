import { useState } from 'react';
import { formatCount, formatCountOf } from '../../kit/format.shared.ts';
import type { IngestRequestView } from '../../openInterest/operator/debug/debug.types.ts';
import { TextButton } from '../shell/Button.tsx';
import { selectRequests } from './debugView.ts';
import { Cell, OperatorTable } from './OperatorTable.tsx';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { useClock, useDebugView } from './useConsole.ts';
import { formatIso } from '../timeOfDay.ts';

const COLUMNS = [
  'time',
  'source',
  'items',
  'accepted',
  'rejected',
  'ms',
  'status',
  'reason',
  'request id',
] as const;

/** The last posts and their outcomes, with the first refused items of each. Shows no key and no body. */
export function RequestsPanel({ requests }: { requests: readonly IngestRequestView[] }) {
  const { view } = useDebugView();
  const [open, setOpen] = useState<string | null>(null);
  const shown = selectRequests(requests, view);
  const errors = requests.filter((it) => it.status >= 400).length;
  return (
    <Panel
      id="requests"
      title="Last ingest requests"
      count={requests.length}
      all={{ requests: 'all' }}
      aside={
        <>
          <ViewLink shows={{ requests: 'errors' }} panel="requests" className={errors > 0 ? 'error' : ''}>
            {formatCountOf(errors, 'error')}
          </ViewLink>
          <FilterChip
            panel="requests"
            word={view.requests === 'errors' ? 'errors only' : 'with refused items'}
          />
        </>
      }
    >
      {shown.length === 0 ? (
        <Nothing>
          {requests.length === 0 ? 'No request since the server started.' : 'No request matches.'}
        </Nothing>
      ) : (
        <OperatorTable label="Last ingest requests" className="requests-table" columns={COLUMNS}>
          {shown.map((it) => (
            <Request
              key={it.requestId}
              request={it}
              open={open === it.requestId}
              onToggle={() => setOpen(open === it.requestId ? null : it.requestId)}
            />
          ))}
        </OperatorTable>
      )}
    </Panel>
  );
}

function Request(props: { request: IngestRequestView; open: boolean; onToggle: () => void }) {
  const { request, open } = props;
  const clock = useClock();
  const { refusals, status } = request;
  const isError = status >= 400;
  // Refused before the body was read: its items are unknown.
  const count = (value: number): string => (isError && request.received === 0 ? '–' : formatCount(value));
  const shortId = request.requestId.slice(0, 8);
  return (
    <>
      <tr role="row" className={isError ? 'is-error' : ''} data-request={request.requestId}>
        <Cell name="time" title={formatIso(request.at)}>
          {clock(request.at)}
        </Cell>
        <Cell name="source" className={request.source === 'unknown' ? 'muted' : ''}>
          {request.source === 'unknown' ? '–' : request.source}
        </Cell>
        <Cell name="items" className="num">
          {count(request.received)}
        </Cell>
        <Cell name="accepted" className="num">
          {count(isError ? 0 : request.inserted + request.duplicates)}
        </Cell>
        <Cell name="rejected" className="num">
          {refusals.length === 0 ? (
            count(request.rejected)
          ) : (
            <TextButton aria-expanded={open} onClick={props.onToggle}>
              {formatCount(request.rejected)}
              <span className="sr-only"> refused items, show the first {refusals.length}</span>
            </TextButton>
          )}
        </Cell>
        <Cell name="ms" className="num">
          {formatCount(request.ms)}
        </Cell>
        <Cell name="status" className={isError ? 'error' : ''}>
          {status}
        </Cell>
        <Cell name="reason" className="cut" title={request.reason ?? undefined}>
          {request.reason ?? '–'}
        </Cell>
        <Cell
          name="request id"
          className="muted"
          title={`${request.requestId}${request.keyId ? `, key ${request.keyId}` : ''}`}
        >
          {shortId}…
        </Cell>
      </tr>
      {open && <Refusals request={request} />}
    </>
  );
}

/** The first refused items of a request. */
function Refusals({ request: { refusals, rejected } }: { request: IngestRequestView }) {
  return (
    <tr role="row" className="refusals">
      <td role="cell" colSpan={COLUMNS.length}>
        <ul>
          {refusals.map((it) => (
            <li key={it.index}>
              data[{it.index}] <b>{it.symbol ?? 'no symbol'}</b> <span className="warn">{it.code}</span>:{' '}
              {it.message}
            </li>
          ))}
          {rejected > refusals.length && (
            <li className="muted">and {formatCount(rejected - refusals.length)} more</li>
          )}
        </ul>
      </td>
    </tr>
  );
}
