import { formatZone, type ClockZone } from '../timeOfDay.ts';

/** What the numbers are, and what they are not. */
export function Footer({ zone, onKeys }: { zone: ClockZone; onKeys: () => void }) {
  const name = zone === 'utc' ? 'UTC' : `local (${formatZone(-new Date().getTimezoneOffset())})`;
  return (
    <footer className="footer">
      <span>Times {name} · OI as reported by Binance USDⓈ-M · not advice</span>
      <button type="button" className="button quiet small hide-narrow" onClick={onKeys}>
        <kbd>?</kbd> Keys
      </button>
    </footer>
  );
}
