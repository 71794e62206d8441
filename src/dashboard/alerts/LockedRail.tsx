import { Icon } from '../shell/Icon.tsx';

/** Where alerts would be. */
export function LockedRail(props: { onWhy: () => void; onClose: (() => void) | null }) {
  return (
    <aside className="rail" aria-label="OI alerts" id="alerts">
      <div className="rail-head">
        <h2>Alerts</h2>
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
      <p className="rail-note">
        <Icon name="lock" /> OI alerts are part of Pro.{' '}
        <button type="button" className="link" onClick={props.onWhy}>
          See what Pro adds
        </button>
      </p>
    </aside>
  );
}
