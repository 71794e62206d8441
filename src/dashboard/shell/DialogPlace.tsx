import { frameDialog } from './frameDialog.tsx';
import { lazyPart } from './lazyPart.tsx';
import { useDashboard, usePage } from './useDashboard.ts';

const Dialogs = lazyPart(async () => (await import('./Dialogs.tsx')).Dialogs, frameDialog);

/** The dialog that is open over the page. */
export function DialogPlace() {
  const { page } = useDashboard();
  const dialog = usePage((it) => it.dialog);
  if (dialog === null) return null;
  return <Dialogs dialog={dialog} onClose={() => page.setState({ dialog: null })} />;
}
