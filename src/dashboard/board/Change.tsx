import { formatChange, UNKNOWN } from '../../kit/format.shared.ts';

/** A change in basis points with its sign; colour only says again what the sign says. */
export function Change({ value }: { value: number | null | undefined }) {
  const text = formatChange(value);
  if (text === UNKNOWN) {
    return (
      <span className="muted" title="Not enough history">
        {UNKNOWN}
      </span>
    );
  }
  return <span className={toneOf(text)}>{text}</span>;
}

/** By the text, so that what is written as nothing is not coloured. */
export function toneOf(text: string): string {
  if (text.includes('+')) return 'up';
  return text.includes('\u2212') ? 'down' : '';
}
