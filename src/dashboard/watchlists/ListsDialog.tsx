import { Button } from '../shell/Button.tsx';
import { Dialog } from '../shell/Dialog.tsx';
import { goToSignIn } from '../shell/session.ts';
import { useDashboard, usePage } from '../shell/useDashboard.ts';
import { ListChoice } from './ListChoice.tsx';

/** The watchlists that the symbol of a row is in. Guests have stars only. */
export function ListsDialog({ onClose }: { onClose: () => void }) {
  const { session } = useDashboard();
  const symbol = usePage((it) => it.subject);
  if (symbol === null) return null;
  return (
    <Dialog title={`Watchlists of ${symbol}`} onClose={onClose}>
      {session ? (
        <ListChoice symbol={symbol} />
      ) : (
        <div className="views-panel">
          <p className="muted">Lists are kept with your account.</p>
          <Button onClick={() => goToSignIn()}>Sign in</Button>
        </div>
      )}
    </Dialog>
  );
}
