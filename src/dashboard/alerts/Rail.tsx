import type { ReactNode } from 'react';
import './rail.css';

/** The place of alerts: beside the table, or over it, where it can be closed. */
export function Rail(props: { tools?: ReactNode; onClose: (() => void) | null; children: ReactNode }) {
  return (
    <aside className="rail" aria-label="OI alerts" id="alerts">
      <div className="rail-head">
        <h2>Alerts</h2>
        {props.tools}
        {props.onClose && (
          <button
            type="button"
            className="button quiet small"
            aria-label="Close alerts"
            onClick={props.onClose}
          >
            ×
          </button>
        )}
      </div>
      {props.children}
    </aside>
  );
}
