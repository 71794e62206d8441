import { Dialog } from '../shell/Dialog.tsx';
import { useColumns } from '../shell/useDashboard.ts';
import { ColumnHelp } from './ColumnHelp.tsx';
import { TILE_HELP } from './help.ts';
import { QUADRANTS, QUADRANT_LABELS } from './quadrant.ts';
import { READINGS } from './readings.ts';
import './help.css';

/** What hints say where there is no pointer to hover with, and what is too long for them. */
export function ColumnsDialog({ onClose }: { onClose: () => void }) {
  const { available } = useColumns();
  return (
    <Dialog title="What the columns mean" className="columns-dialog" onClose={onClose}>
      <ColumnHelp columns={available} />
      <h3>Price × OI</h3>
      <dl className="column-help">
        {QUADRANTS.map((it) => (
          <div key={it}>
            <dt>{QUADRANT_LABELS[it]}</dt>
            <dd>{READINGS[it]}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">A reading is an inference from the two changes, not order flow.</p>
      <h3>Tiles</h3>
      <dl className="column-help">
        <div>
          <dt>Biggest movers</dt>
          <dd>{TILE_HELP.movers}</dd>
        </div>
        <div>
          <dt>Symbols live</dt>
          <dd>{TILE_HELP.live}</dd>
        </div>
      </dl>
    </Dialog>
  );
}
