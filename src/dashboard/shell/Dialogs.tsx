import type { ReactNode } from 'react';
import { ColumnsDialog } from '../board/ColumnsDialog.tsx';
import { FailedDialog } from './FailedDialog.tsx';
import { lazyPart } from './lazyPart.tsx';
import { KeysDialog } from './KeysDialog.tsx';
import type { OpenDialog } from './page.store.ts';
import { ProDialog } from './ProDialog.tsx';
import { SettingsDialog } from './SettingsDialog.tsx';

type Closable = { onClose: () => void };

const inPlace = (message: ReactNode, props: Closable): ReactNode =>
  message && <FailedDialog {...props}>{message}</FailedDialog>;

const PaletteDialog = lazyPart<Closable>(
  async () => (await import('../palette/PaletteDialog.tsx')).PaletteDialog,
  inPlace,
);
const ListsDialog = lazyPart<Closable>(
  async () => (await import('../watchlists/ListsDialog.tsx')).ListsDialog,
  inPlace,
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
