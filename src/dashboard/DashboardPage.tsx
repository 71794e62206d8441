import { Board } from './Board.tsx';
import { openDashboard } from './openDashboard.ts';
import { FailedPage } from './shell/FailedPage.tsx';
import { MessagePage } from './shell/MessagePage.tsx';
import { createPageStart } from './shell/pageStart.ts';

const usePageStart = createPageStart(openDashboard, () => openDashboard(null));

/** `/`: loads the session, then the board. */
export function DashboardPage() {
  const { content, failed, retry } = usePageStart();
  if (content) return <Board dashboard={content} />;
  if (failed === null) return <MessagePage title="Loading open interest…" />;
  return <FailedPage title="The page could not be loaded." failed={failed} retry={retry} />;
}
