import { ColumnsDialog } from '../board/ColumnsDialog.tsx';
import { frameDialog } from './frameDialog.tsx';
import { lazyPart } from './lazyPart.tsx';
import { KeysDialog } from './KeysDialog.tsx';
import type { OpenDialog } from './page.store.ts';
import { ProDialog } from './ProDialog.tsx';
import { SettingsDialog } from './SettingsDialog.tsx';

const PaletteDialog = lazyPart(
  async () => (await import('../palette/PaletteDialog.tsx')).PaletteDialog,
  frameDialog,
);
const ListsDialog = lazyPart(
  async () => (await import('../watchlists/ListsDialog.tsx')).ListsDialog,
  frameDialog,
);

const DIALOGS = {
  settings: SettingsDialog,
  keys: KeysDialog,
  pro: ProDialog,
  palette: PaletteDialog,
  columns: ColumnsDialog,
  lists: ListsDialog,
} as const;

/** The dialogs of the page, in one chunk that loads with the first of them. */
export function Dialogs({ dialog, onClose }: { dialog: OpenDialog; onClose: () => void }) {
  const Shown = DIALOGS[dialog];
  return <Shown onClose={onClose} />;
}
