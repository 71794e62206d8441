import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Session } from '../../access/access.types.ts';
import { RULES_BY_TIER, ruleLimitOf } from '../../openInterest/rules/rules.types.ts';
import { AccountMenu } from '../shell/AccountMenu.tsx';
import { Brand } from '../shell/Brand.tsx';
import { ButtonLink } from '../shell/Button.tsx';
import { FailedPage } from '../shell/FailedPage.tsx';
import { MessagePage } from '../shell/MessagePage.tsx';
import { createPageStart } from '../shell/pageStart.ts';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { DevelopmentStrip } from '../signIn/DevelopmentStrip.tsx';
import { useStoredLook } from '../signIn/useStoredLook.ts';
import { ChannelsPanel } from './ChannelsPanel.tsx';
import { DeliveriesPanel } from './DeliveriesPanel.tsx';
import { FiringsPanel } from './FiringsPanel.tsx';
import { queries } from './rulesApi.ts';
import { RulesPanel } from './RulesPanel.tsx';
import './rules.css';

const usePageStart = createPageStart((session) => session);

/** `/alerts`: the user's own alert rules, what they fired, and where it was sent. */
export function RulesPage() {
  const look = useStoredLook();
  const { zone } = look;
  const { content: session, failed, retry } = usePageStart();
  useEffect(() => {
    document.title = 'Alert rules · VolSpike Open Interest';
  }, []);
  if (session === null && failed === null) return <MessagePage title="Loading alert rules…" />;
  if (session === null)
    return <FailedPage title="The page could not be loaded." failed={failed!} retry={retry} />;
  const most = ruleLimitOf(session);
  return (
    <QueryClientProvider client={queries}>
      <DevelopmentStrip session={session} />
      <RulesHeader session={session} />
      <main id="rules" className="rules">
        {most === 0 ? (
          <FreeNote />
        ) : (
          <>
            <PanelBoundary name="Rules">
              <RulesPanel most={most} look={look} />
            </PanelBoundary>
            <div className="rules-side">
              <PanelBoundary name="Fired">
                <FiringsPanel zone={zone} />
              </PanelBoundary>
              <PanelBoundary name="Channels">
                <ChannelsPanel zone={zone} />
              </PanelBoundary>
              <PanelBoundary name="Deliveries">
                <DeliveriesPanel zone={zone} />
              </PanelBoundary>
            </div>
          </>
        )}
      </main>
    </QueryClientProvider>
  );
}

function RulesHeader({ session }: { session: Session }) {
  return (
    <header className="header">
      <a className="skip" href="#rules">
        Skip to the rules
      </a>
      <Brand>Alert rules</Brand>
      <div className="controls">
        <AccountMenu session={session}>
          <ButtonLink href="/market">Market</ButtonLink>
        </AccountMenu>
      </div>
    </header>
  );
}

function FreeNote() {
  return (
    <section className="panel rules-note">
      <h2>Your own alerts come with Pro</h2>
      <p>
        Pro has {RULES_BY_TIER.pro} rules, Elite {RULES_BY_TIER.elite}: any symbols, windows from 5 minutes to
        a day, conditions on price, funding and volume, and delivery to webhook, Telegram, Discord, Slack or
        the browser. The collector’s own spike and dump alerts are on the dashboard.
      </p>
    </section>
  );
}
