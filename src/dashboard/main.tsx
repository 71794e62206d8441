import '@fontsource-variable/inter/wght.css';
import './styles/theme.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/page.css';
import { StrictMode, Suspense, lazy, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ErrorBoundary } from './shell/ErrorBoundary.tsx';
import { MessagePage } from './shell/MessagePage.tsx';
import { symbolOfPath } from './symbolPath.ts';

const DashboardPage = lazy(async () => ({ default: (await import('./DashboardPage.tsx')).DashboardPage }));
const SignInPage = lazy(async () => ({ default: (await import('./signIn/SignInPage.tsx')).SignInPage }));
const SymbolPage = lazy(async () => ({ default: (await import('./linkedPages.ts')).SymbolPage }));
const MarketPage = lazy(async () => ({ default: (await import('./linkedPages.ts')).MarketPage }));
const RulesPage = lazy(async () => ({ default: (await import('./rules/RulesPage.tsx')).RulesPage }));
const DebugPage = lazy(async () => ({ default: (await import('./debug/DebugPage.tsx')).DebugPage }));

/**
 * The pages of this app, each with its own chunk. The server sends the app for exactly these paths and those of
 * symbols, in any case.
 */
const PAGES: Readonly<Record<string, () => ReactNode>> = {
  '/': () => <DashboardPage />,
  '/sign-in': () => <SignInPage />,
  '/market': () => <MarketPage />,
  '/alerts': () => <RulesPage />,
  '/debug/open-interest': () => <DebugPage />,
};

const path = window.location.pathname.replace(/(.)\/$/, '$1').toLowerCase();
const page = symbolOfPath(path) === null ? PAGES[path] : () => <SymbolPage />;

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ErrorBoundary>
      <Suspense fallback={<MessagePage title="Loading…" />}>
        {page ? page() : <MessagePage title="There is nothing here." />}
      </Suspense>
    </ErrorBoundary>
  </StrictMode>,
);
