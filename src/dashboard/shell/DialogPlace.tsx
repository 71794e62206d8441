import { FailedDialog } from './FailedDialog.tsx';
import { lazyPart } from './lazyPart.tsx';
import { useDashboard, usePage } from './useDashboard.ts';

const Dialogs = lazyPart(
  async () => (await import('./Dialogs.tsx')).Dialogs,
  (message, props) => message && <FailedDialog {...props}>{message}</FailedDialog>,
);

/** The dialog that is open over the page. */
export function DialogPlace() {
  const { page } = useDashboard();
  const dialog = usePage((it) => it.dialog);
  if (dialog === null) return null;
  return <Dialogs dialog={dialog} onClose={() => page.setState({ dialog: null })} />;
}
