import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { Session } from '../../access/access.types.ts';
import type { DebugBody } from '../../openInterest/operator/debug/debug.types.ts';
import { Banner } from '../shell/Banner.tsx';
import { TextButton } from '../shell/Button.tsx';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { DevelopmentStrip } from '../signIn/DevelopmentStrip.tsx';
import { monotonicClock } from '../../client/sync.clock.ts';
import type { ClockZone } from '../timeOfDay.ts';
import { CollectorsPanel } from './CollectorsPanel.tsx';
import type { OperatorConsole } from './console.ts';
import { DEBUG_KEY } from './debugPoll.ts';
import { Forbidden } from './Forbidden.tsx';
import { GapsPanel } from './GapsPanel.tsx';
import { describeHealth, titleOf, type HealthLine } from './health.ts';
import { HealthStrip } from './HealthStrip.tsx';
import { OperatorAlerts } from './OperatorAlerts.tsx';
import { OperatorHeader } from './OperatorHeader.tsx';
import { RateTiles } from './RateTiles.tsx';
import { RequestsPanel } from './RequestsPanel.tsx';
import { describeSocket, type SocketLine } from './socketLine.ts';
import { DoctorPanel, ServerPanel, SocketsPanel } from './SystemPanels.tsx';
import { UniversePanel } from './UniversePanel.tsx';
import { ConsoleContext, useClock, useConsole, usePoll } from './useConsole.ts';
import { ValuesPanel } from './ValuesPanel.tsx';
import './page.css';
import './health.css';
import './panels.css';
import './lists.css';
import './tables.css';
import './facts.css';

/** Whether open interest flows, and where it stops if not: symptoms first, causes below. The page changes nothing. */
export function OperatorPage(props: { console: OperatorConsole; session: Session; zone: ClockZone }) {
  const { console: operator, session, zone } = props;
  const context = useMemo(() => ({ operator, zone }), [operator, zone]);
  return (
    <ConsoleContext value={context}>
      <QueryClientProvider client={operator.queries}>
        <Page session={session} />
      </QueryClientProvider>
    </ConsoleContext>
  );
}

function Page({ session }: { session: Session }) {
  const { live, queries } = useConsole();
  const [paused, setPaused] = useState(false);
  const poll = usePoll(paused);
  const health = describeHealth(poll, useClock());
  const socket = useSocketLine(poll.body, poll.failure === null);
  useTitle(health);

  function pause(): void {
    setPaused(!paused);
    if (!paused) void queries.cancelQueries({ queryKey: DEBUG_KEY });
  }

  if (poll.forbidden) return <Forbidden />;
  return (
    <>
      <DevelopmentStrip session={session} />
      <OperatorHeader
        session={session}
        socket={socket}
        body={poll.body}
        health={health}
        paused={paused}
        onPause={pause}
      />
      {socket.banner && (
        <Banner tone="warn">
          {socket.banner} <TextButton onClick={live.retryNow}>Retry now</TextButton>
        </Banner>
      )}
      <main className="operator">
        <PanelBoundary name="Health and pipeline" data={poll.body}>
          <HealthStrip health={health} pipeline={poll.body?.pipeline ?? null} />
        </PanelBoundary>
        {poll.body && <Panels body={poll.body} down={socket.banner !== null} />}
      </main>
    </>
  );
}

function Panels({ body, down }: { body: DebugBody; down: boolean }) {
  const panels: Readonly<Record<string, ReactNode>> = {
    Collectors: <CollectorsPanel collectors={body.collectors} />,
    'Liquid universe': <UniversePanel universe={body.universe} />,
    'Streaming values': <ValuesPanel down={down} />,
    'Recent OI alerts': <OperatorAlerts stored={body.alerts} />,
    'Last ingest requests': <RequestsPanel requests={body.ingest} />,
    Gaps: <GapsPanel gaps={body.gaps} startedAt={body.startedAt} />,
    Doctor: <DoctorPanel stages={body.stages} />,
    Sockets: <SocketsPanel sockets={body.sockets} />,
    Server: <ServerPanel body={body} />,
  };
  return (
    <>
      <PanelBoundary name="Rates" data={body}>
        <RateTiles body={body} />
      </PanelBoundary>
      <div className="operator-grid">
        {Object.entries(panels).map(([name, panel]) => (
          <PanelBoundary key={name} name={name} data={body}>
            {panel}
          </PanelBoundary>
        ))}
      </div>
    </>
  );
}

/** How the page's own socket is. */
function useSocketLine(body: DebugBody | null, answers: boolean): SocketLine {
  const clock = useClock();
  const { live } = useConsole();
  return useStore(
    live.store,
    useShallow(({ sync, online }) =>
      describeSocket(sync, {
        monotonicNow: monotonicClock.now(),
        online,
        everySec: body?.debugEverySec ?? 5,
        answers,
        dataFrom: sync.board?.asOf ? clock(sync.board.asOf) : null,
      }),
    ),
  );
}

function useTitle(health: HealthLine): void {
  const title = titleOf(health);
  const word = health.word.toLowerCase();
  useEffect(() => {
    document.title = title;
    document.documentElement.dataset['health'] = word;
  }, [title, word]);
}
