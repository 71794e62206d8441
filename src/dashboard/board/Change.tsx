import { formatChange, formatUsdChange, UNKNOWN } from '../../kit/format.shared.ts';

type Unsure = number | null | undefined;

/** A change in basis points with its sign; colour only says again what the sign says. */
export function Change({ value }: { value: Unsure }) {
  return <Signed text={formatChange(value)} />;
}

/** A change in USD. */
export function ChangeAmount({ value }: { value: Unsure }) {
  return <Signed text={formatUsdChange(value)} />;
}

function Signed({ text }: { text: string }) {
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
