import { KeysDialog } from './KeysDialog.tsx';
import type { OpenDialog } from './page.store.ts';
import { ProDialog } from './ProDialog.tsx';
import { SettingsDialog } from './SettingsDialog.tsx';

const DIALOGS = { settings: SettingsDialog, keys: KeysDialog, pro: ProDialog } as const;

/** The dialogs of the page, in one chunk that loads with the first of them. */
export function Dialogs({ dialog, onClose }: { dialog: OpenDialog; onClose: () => void }) {
  const Shown = DIALOGS[dialog];
  return <Shown onClose={onClose} />;
}
