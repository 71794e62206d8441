import { formatZone } from '../timeOfDay.ts';
import { Button } from './Button.tsx';
import { useDashboard, useSettings } from './useDashboard.ts';

const DIALOGS = [
  ['columns', null, 'What the columns mean'],
  ['palette', 'Ctrl+K', 'Go to'],
  ['keys', '?', 'Keys'],
] as const;

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
        {DIALOGS.map(([dialog, key, text]) => (
          <Button key={dialog} className="quiet small" onClick={() => page.setState({ dialog })}>
            {key && <kbd>{key}</kbd>} {text}
          </Button>
        ))}
      </span>
    </footer>
  );
}

function localZone(): string {
  return formatZone(-new Date().getTimezoneOffset());
}
