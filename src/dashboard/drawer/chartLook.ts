import { formatDay, formatMinute, type ClockZone } from '../timeOfDay.ts';

/** The colours of the page, as a canvas needs them: `light-dark()` is resolved where it is used. */
export function chartColours(element: Element) {
  const probe = document.createElement('i');
  probe.style.setProperty('forced-color-adjust', 'none');
  element.append(probe);
  const style = getComputedStyle(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return style.color;
  };
  const colours = {
    background: read('--panel'),
    text: read('--muted'),
    grid: read('--line'),
    // A change has a colour, a level has none.
    oi: read('--text'),
    price: read('--muted'),
    up: read('--up'),
    down: read('--down'),
    alert: read('--oi-alert'),
    font: style.fontFamily,
  };
  probe.remove();
  return colours;
}

/**
 * The finest step of a value axis: 1e-8, or five digits below the largest value where that is finer. An axis of 1e-8 has no
 * marks where a price is 4.2e-9. At most 11 digits below the largest value: the library looks for marks by subtracting steps,
 * which never ends where a step is lost in rounding. It takes powers of ten from 1 to 1e-15.
 */
export function smallestStep(values: readonly number[]): number {
  const largest = values.reduce((most, it) => Math.max(most, Math.abs(it)), 0);
  const exponent = largest === 0 ? 0 : Math.floor(Math.log10(largest));
  const digits = Math.max(5 - exponent, Math.min(8, 11 - exponent));
  return 10 ** -Math.min(15, Math.max(0, digits));
}

/** Ticks of the time axis: days by their date, the rest by the clock. `kind` is the library's: 0 year, 1 month, 2 day. */
export function formatAxisTime(sec: number, kind: number, zone: ClockZone): string {
  return kind > 2 ? formatMinute(sec * 1_000, zone) : formatDay(sec * 1_000, zone);
}
