import { formatZone } from '../timeOfDay.ts';
import { useDashboard, useSettings } from './useDashboard.ts';

/** What the times and numbers are. */
export function Footer() {
  const { page } = useDashboard();
  const zone = useSettings((it) => it.zone);
  return (
    <footer className="footer">
      <span>
        Times {zone === 'utc' ? 'UTC' : `local (${localZone()})`} · OI as reported by Binance USD-M · not
        advice
      </span>
      <span className="hide-narrow">
        <button
          type="button"
          className="button quiet small"
          onClick={() => page.setState({ dialog: 'columns' })}
        >
          What the columns mean
        </button>
        <button
          type="button"
          className="button quiet small"
          onClick={() => page.setState({ dialog: 'palette' })}
        >
          <kbd>Ctrl+K</kbd> Go to
        </button>
        <button
          type="button"
          className="button quiet small"
          onClick={() => page.setState({ dialog: 'keys' })}
        >
          <kbd>?</kbd> Keys
        </button>
      </span>
    </footer>
  );
}

function localZone(): string {
  return formatZone(-new Date().getTimezoneOffset());
}
