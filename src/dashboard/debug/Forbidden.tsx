import { useEffect } from 'react';
import { MessagePage } from '../shell/MessagePage.tsx';

/** Signed in, and not an operator. */
export function Forbidden() {
  useEffect(() => {
    document.title = 'OI: operators only';
  }, []);
  return (
    <MessagePage title="This page is for operators.">
      <p>
        <a href="/">Back to the dashboard</a>
      </p>
    </MessagePage>
  );
}
