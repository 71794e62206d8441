import { Icon } from '../shell/Icon.tsx';
import { Rail } from './Rail.tsx';

/** Where alerts would be. */
export function LockedRail(props: { onWhy: () => void; onClose: (() => void) | null }) {
  return (
    <Rail onClose={props.onClose}>
      <p className="rail-note">
        <Icon name="lock" /> OI alerts are part of Pro.{' '}
        <button type="button" className="link" onClick={props.onWhy}>
          See what Pro adds
        </button>
      </p>
    </Rail>
  );
}
