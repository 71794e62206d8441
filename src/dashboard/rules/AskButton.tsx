import { useState } from 'react';
import { Button } from '../shell/Button.tsx';

/** Acts at the second click; the first one asks, and says what the second one does (`warning`). */
export function AskButton(props: { text: string; name: string; warning?: string; onSure: () => void }) {
  const { text, name, warning, onSure } = props;
  const [asked, setAsked] = useState(false);
  const label = asked ? `${text} now?` : text;
  return (
    <>
      <Button
        aria-label={`${label} ${name}`}
        onBlur={() => setAsked(false)}
        onClick={() => {
          setAsked(!asked);
          if (asked) onSure();
        }}
      >
        {label}
      </Button>
      {warning !== undefined && <span role="status">{asked && warning}</span>}
    </>
  );
}
