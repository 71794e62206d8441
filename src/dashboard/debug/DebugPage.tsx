import { useEffect } from 'react';
import { FailedPage } from '../shell/FailedPage.tsx';
import { MessagePage } from '../shell/MessagePage.tsx';
import { createPageStart } from '../shell/pageStart.ts';
import { useStoredLook } from '../signIn/useStoredLook.ts';
import { createOperatorConsole } from './console.ts';
import { Forbidden } from './Forbidden.tsx';
import { OperatorPage } from './OperatorPage.tsx';

const usePageStart = createPageStart((session) => ({
  session,
  console: session.role === 'admin' ? createOperatorConsole() : null,
}));

/** `/debug/open-interest`: for operators; guests are sent to sign in. */
export function DebugPage() {
  const settings = useStoredLook();
  const { content, failed, retry } = usePageStart();
  useEffect(() => {
    document.title = failed === null ? 'OI: Loading' : 'OI: Unknown';
  }, [failed]);

  if (content?.console) {
    return <OperatorPage console={content.console} session={content.session} zone={settings.zone} />;
  }
  if (content) return <Forbidden />;
  if (failed === null) return <MessagePage title="Loading…" />;
  return <FailedPage title="Unknown: the server does not say who you are." failed={failed} retry={retry} />;
}
