import { formatChange, formatFunding, formatLine, formatUsd } from '../../kit/format.shared.ts';
import type { Firing } from './firing.types.ts';

/** A firing as it is stored in the outbox. */
export type QueuedFiring = Omit<Firing, 'channelIds'>;

/** `lines` are below the title. */
export type Message = { title: string; lines: string[]; direction: 'up' | 'down' | 'both' };

/** Symbols that a digest names. */
const NAMED = 5;

/** The message for one firing, or the digest of several. */
export function describeFirings(firings: readonly QueuedFiring[], test = false): Message {
  const [only] = firings;
  const message = firings.length === 1 && only ? describeFiring(only) : describeDigest(firings);
  return test ? { ...message, title: `Test: ${message.title}` } : message;
}

/** `BTCUSDT open interest +5.20% in 1h` */
function describeFiring({ symbol, window, direction, firedAt, ruleName, evidence }: QueuedFiring): Message {
  const { changePct, changeUsd, current, priceChangePct, fundingRate, reading } = evidence;
  const size = [
    current.openInterestUsd === null ? null : `open interest ${formatUsd(current.openInterestUsd)}`,
    changeUsd === null ? null : `change ${formatUsd(changeUsd)}`,
  ];
  const market = [
    priceChangePct === null ? null : `price ${formatChange(priceChangePct * 100)}`,
    fundingRate === null ? null : `funding ${formatFunding(fundingRate)}`,
    reading,
  ];
  return {
    title: formatLine(`${symbol} open interest ${formatChange(changePct * 100)} in ${window}`, 200),
    lines: [size, market, [ruleName], [formatTime(firedAt)]]
      .map((it) => joinKnown(it))
      .filter((it) => it !== ''),
    direction,
  };
}

/** `47 alerts: 45 up, 2 down` and the largest of them. */
function describeDigest(firings: readonly QueuedFiring[]): Message {
  const up = firings.filter((it) => it.direction === 'up').length;
  const down = firings.length - up;
  const largest = firings
    .toSorted((a, b) => Math.abs(b.evidence.changePct) - Math.abs(a.evidence.changePct))
    .slice(0, NAMED);
  const times = firings.map((it) => it.firedAt);
  const rules = new Set(firings.map((it) => it.ruleName));
  return {
    title: `${firings.length} alerts: ${joinKnown([up ? `${up} up` : null, down ? `${down} down` : null], ', ')}`,
    lines: [
      `largest: ${largest.map((it) => `${it.symbol} ${formatChange(it.evidence.changePct * 100)} in ${it.window}`).join(', ')}`,
      formatLine([...rules].slice(0, NAMED).join(', '), 300),
      `${formatTime(Math.min(...times))} to ${formatTime(Math.max(...times))}`,
    ],
    direction: down === 0 ? 'up' : up === 0 ? 'down' : 'both',
  };
}

function joinKnown(parts: readonly (string | null)[], separator = ' · '): string {
  return formatLine(parts.filter((it) => it !== null && it !== '').join(separator), 300);
}

/** `2026-11-20 12:00:00 UTC` */
function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
