import { useEffect, useMemo } from 'react';
import type { Session } from '../../access/access.types.ts';
import { mergeAlerts } from '../alerts/feed.ts';
import { formatClock, type ClockZone } from '../timeOfDay.ts';
import { useStore } from '../live/store.ts';
import { Banner } from '../shell/Banner.tsx';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { DevelopmentStrip } from '../signIn/DevelopmentStrip.tsx';
import { monotonicClock } from '../sync/sync.clock.ts';
import { CollectorsPanel } from './CollectorsPanel.tsx';
import type { OperatorConsole } from './console.ts';
import { Forbidden } from './Forbidden.tsx';
import { GapsPanel } from './GapsPanel.tsx';
import { describeHealth, titleOf } from './health.ts';
import { HealthStrip } from './HealthStrip.tsx';
import { OperatorAlerts } from './OperatorAlerts.tsx';
import { OperatorHeader } from './OperatorHeader.tsx';
import { ViewContext } from './Panel.tsx';
import { RateTiles } from './RateTiles.tsx';
import { writeCurl, writeReport } from './report.ts';
import { RequestsPanel } from './RequestsPanel.tsx';
import { describeSocket } from './socketLine.ts';
import { DoctorPanel, ServerPanel, SocketsPanel } from './SystemPanels.tsx';
import { UniversePanel } from './UniversePanel.tsx';
import { ValuesPanel } from './ValuesPanel.tsx';

/**
 * Is open interest flowing, and if not, where does it stop? Symptoms first, causes below. It only looks: nothing here
 * changes anything on the server.
 */
export function OperatorPage(props: { console: OperatorConsole; session: Session; zone: ClockZone }) {
  const { console: operator, session, zone } = props;
  const poll = useStore(operator.poll.store);
  const live = useStore(operator.live.store);
  const view = useStore(operator.view);
  const fresh = useStore(operator.alerts);
  const { gaps } = useStore(operator.gaps);
  const { body } = poll;

  const now = operator.serverNow();
  const clock = (at: number): string => formatClock(at, zone);
  const health = describeHealth(poll, clock);
  const { board } = live.sync;
  const socket = describeSocket(live.sync, {
    monotonicNow: monotonicClock.now(),
    online: live.online,
    everySec: body?.debugEverySec ?? 5,
    answers: poll.failure === null,
    dataFrom: board?.asOf ? clock(board.asOf) : null,
  });
  const alerts = useMemo(() => body?.alerts && mergeAlerts(body.alerts, fresh), [body?.alerts, fresh]);
  const context = useMemo(() => ({ view, change: operator.changeView }), [view, operator]);

  const title = titleOf(health);
  useEffect(() => {
    document.title = title;
    document.documentElement.dataset['health'] = health.word.toLowerCase();
  }, [title, health.word]);

  if (poll.forbidden) return <Forbidden />;
  return (
    <ViewContext value={context}>
      <DevelopmentStrip session={session} />
      <OperatorHeader
        session={session}
        socket={socket}
        dataAgeMs={body && now - body.serverTime}
        paused={poll.paused}
        announcement={`${health.word}${health.sentence ? `: ${health.sentence}` : ''}. ${socket.word}.`}
        onPause={poll.paused ? operator.poll.resume : operator.poll.pause}
        writeReport={body && (() => writeReport(body, health, operator.serverNow()))}
        curl={writeCurl(window.location.origin)}
      />
      {socket.banner && (
        <Banner tone="warn">
          {socket.banner}{' '}
          <button type="button" className="link" onClick={operator.live.retryNow}>
            Retry now
          </button>
        </Banner>
      )}
      <main className="operator">
        <PanelBoundary name="Health and pipeline" data={body}>
          <HealthStrip health={health} pipeline={body?.pipeline ?? null} clock={clock} />
        </PanelBoundary>
        {body && (
          <>
            <PanelBoundary name="Rates" data={body}>
              <RateTiles body={body} now={now} />
            </PanelBoundary>
            <div className="operator-grid">
              {Object.entries({
                Collectors: <CollectorsPanel collectors={body.collectors} now={now} clock={clock} />,
                'Liquid universe': <UniversePanel universe={body.universe} now={now} zone={zone} />,
                'Streaming values': (
                  <ValuesPanel board={board} now={now} gaps={gaps} down={socket.banner !== null} />
                ),
                'Recent OI alerts': <OperatorAlerts alerts={alerts ?? null} zone={zone} />,
                'Last ingest requests': <RequestsPanel requests={body.ingest} clock={clock} />,
                Gaps: <GapsPanel gaps={body.gaps} startedAt={body.startedAt} now={now} clock={clock} />,
                Doctor: <DoctorPanel stages={body.stages} />,
                Sockets: <SocketsPanel sockets={body.sockets} />,
                Server: <ServerPanel body={body} now={now} />,
              }).map(([name, panel]) => (
                <PanelBoundary key={name} name={name} data={body}>
                  {panel}
                </PanelBoundary>
              ))}
            </div>
          </>
        )}
      </main>
    </ViewContext>
  );
}
