import type { Dashboard } from '../dashboard.ts';
import type { OpenDialog } from '../useActions.ts';
import { KeysDialog } from './KeysDialog.tsx';
import { ProDialog } from './ProDialog.tsx';
import { SettingsDialog } from './SettingsDialog.tsx';

/** What opens over the page; loaded when the first one does. */
export function Dialogs(props: { dialog: OpenDialog; dashboard: Dashboard; onClose: () => void }) {
  switch (props.dialog) {
    case 'settings':
      return <SettingsDialog dashboard={props.dashboard} onClose={props.onClose} />;
    case 'keys':
      return <KeysDialog onClose={props.onClose} />;
    case 'pro':
      return <ProDialog onClose={props.onClose} />;
  }
}
