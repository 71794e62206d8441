import { Suspense, lazy } from 'react';
import { useDashboard, usePage } from './useDashboard.ts';

const Dialogs = lazy(async () => ({ default: (await import('./Dialogs.tsx')).Dialogs }));

/** The dialog that is open over the page. */
export function DialogPlace() {
  const { page } = useDashboard();
  const dialog = usePage((it) => it.dialog);
  if (dialog === null) return null;
  return (
    <Suspense fallback={null}>
      <Dialogs dialog={dialog} onClose={() => page.setState({ dialog: null })} />
    </Suspense>
  );
}
