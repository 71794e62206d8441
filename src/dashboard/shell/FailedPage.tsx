import { Button } from './Button.tsx';
import { MessagePage } from './MessagePage.tsx';

/** Why there is no page, and a way to try again. */
export function FailedPage({ title, failed, retry }: { title: string; failed: string; retry: () => void }) {
  return (
    <MessagePage title={title}>
      <p role="alert">{failed}.</p>
      <p>
        <Button className="primary" onClick={retry}>
          Try again
        </Button>
      </p>
    </MessagePage>
  );
}
