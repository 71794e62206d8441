import { Dialog } from '../shell/Dialog.tsx';
import { useColumns } from '../shell/useDashboard.ts';
import { ColumnHelp } from './ColumnHelp.tsx';
import { explainColumns, TILE_HELP } from './help.ts';
import { QUADRANTS, QUADRANT_LABELS } from './quadrant.ts';
import { READINGS } from './readings.ts';
import './help.css';

/** What hints say where there is no pointer to hover with, and what is too long for them. */
export function ColumnsDialog({ onClose }: { onClose: () => void }) {
  const { available } = useColumns();
  return (
    <Dialog title="What the columns mean" className="columns-dialog" onClose={onClose}>
      <ColumnHelp items={explainColumns(available)} />
      <h3>Price × OI</h3>
      <ColumnHelp items={QUADRANTS.map((it) => ({ label: QUADRANT_LABELS[it], text: READINGS[it] }))} />
      <p className="muted">A reading is an inference from the two changes, not order flow.</p>
      <h3>Tiles</h3>
      <ColumnHelp
        items={[
          { label: 'Biggest movers', text: TILE_HELP.movers },
          { label: 'Symbols live', text: TILE_HELP.live },
        ]}
      />
    </Dialog>
  );
}
