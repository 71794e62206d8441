import type { ReactNode } from 'react';
import { Button } from '../shell/Button.tsx';
import './rail.css';

/** The place of alerts: beside the table, or over it, where it can be closed. */
export function Rail(props: { tools?: ReactNode; onClose: (() => void) | null; children: ReactNode }) {
  return (
    <aside className="rail" aria-label="OI alerts" id="alerts">
      <div className="rail-head">
        <h2>Alerts</h2>
        {props.tools}
        {props.onClose && (
          <Button className="quiet small" aria-label="Close alerts" onClick={props.onClose}>
            ×
          </Button>
        )}
      </div>
      {props.children}
    </aside>
  );
}
