import { Fragment, type ReactNode } from 'react';
import { formatAge, formatBytes, formatCount, formatCountOf, formatRate } from '../../kit/format.shared.ts';
import { describeTier } from '../../openInterest/history/tierWords.shared.ts';
import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { useDebugView, useServerNow } from './useConsole.ts';
import { describePing } from './words.ts';
import { formatIso } from '../timeOfDay.ts';

/** The day that ended last is compacted within minutes. */
const USUAL_BACKLOG_DAYS = 1;

/** The connected clients and the traffic to them. */
export function SocketsPanel({ sockets }: { sockets: DebugBody['sockets'] }) {
  const { clients } = sockets;
  const total = clients.realtime + clients.snapshot + clients.snapshotAll;
  return (
    <Panel id="sockets" title={`Sockets ${formatCount(total)}`}>
      <Facts
        facts={[
          ['live', formatCount(clients.realtime)],
          ['5-min snapshots', formatCount(clients.snapshot)],
          ['all symbols, 5-min', formatCount(clients.snapshotAll)],
          ['sent', `${formatRate(sockets.messagesPerSec)}/s · ${formatBytes(sockets.bytesPerSec)}/s`],
          ['sync requests', `${formatCount(sockets.syncs)} (${formatCount(sockets.syncsLast5Min)} in 5 min)`],
          ['closed as too slow', formatCount(sockets.slowDropped), sockets.slowDropped > 0],
          ['closed for flooding', formatCount(sockets.floodDropped), sockets.floodDropped > 0],
          ['refused', formatCount(sockets.refused)],
        ]}
      />
    </Panel>
  );
}

export function ServerPanel({ body }: { body: DebugBody }) {
  const { server } = body;
  return (
    <Panel id="server" title="Server">
      <Facts
        facts={[
          ['version', body.version],
          ['started', <Moment key="started" at={body.startedAt} />],
          ['epoch', body.epoch],
          ['seq', formatCount(body.seq)],
          [
            'OPEN_INTEREST_REALTIME_ENABLED',
            server.realtimeEnabled ? 'true' : 'false (shadow mode)',
            !server.realtimeEnabled,
          ],
          [
            `Postgres (${server.database.kind})`,
            describePing(server.database),
            server.database.pingMs === null,
          ],
          ['Redis', describePing(server.redis), server.redis.configured && server.redis.pingMs === null],
          ...describeHistory(body.history),
        ]}
      />
    </Panel>
  );
}

function describeHistory(history: DebugBody['history']): Fact[] {
  if (history === null) return [['history', 'no answer', true]];
  const { hot, cold } = history;
  return [
    ['history, rows', describeTier(hot)],
    ['history, blocks', describeTier(cold)],
    [
      'last compaction',
      cold.compactedAt === null ? 'never' : <Moment key="compacted" at={cold.compactedAt} />,
    ],
    ['to compact', formatCountOf(hot.backlogDays, 'day'), hot.backlogDays > USUAL_BACKLOG_DAYS],
  ];
}

/** Doctor's finding for each stage, and what to do if it is not ok. */
export function DoctorPanel({ stages }: { stages: DebugBody['stages'] }) {
  const { view } = useDebugView();
  const troubled = stages.filter((it) => it.state !== 'ok');
  const shown = view.stages === 'trouble' ? troubled : stages;
  return (
    <Panel
      id="doctor"
      title="Doctor"
      aside={
        <>
          <ViewLink
            shows={{ stages: 'trouble' }}
            panel="doctor"
            className={troubled.length > 0 ? 'warn' : ''}
          >
            {troubled.length === 0 ? 'all ok' : `${formatCountOf(troubled.length, 'stage')} not ok`}
          </ViewLink>
          <FilterChip panel="stages" word="not ok" />
        </>
      }
    >
      {shown.length === 0 && <Nothing>Every stage is ok.</Nothing>}
      <ul className="scroll stages" tabIndex={0} aria-label="Stages">
        {shown.map((it, i) => (
          <li key={`${it.stage} ${i}`} className={`stage is-${it.state.toLowerCase()}`}>
            <b>{it.stage}</b>
            <span>
              {it.finding}
              {it.next && <span className="muted stage-next">{it.next}</span>}
            </span>
            <span className="stage-state">{it.state}</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

type Fact = readonly [name: string, value: ReactNode, isBad?: boolean];

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts-list">
      {facts.map(([name, value, isBad]) => (
        <div key={name} className={isBad ? 'is-bad' : ''}>
          <dt>
            {name.split(/(?<=_)/).map((part) => (
              <Fragment key={part}>
                {part}
                <wbr />
              </Fragment>
            ))}
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Moment({ at }: { at: number }) {
  const now = useServerNow();
  return <span title={formatIso(at)}>{formatAge(now - at)} ago</span>;
}
