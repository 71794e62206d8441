import { useState } from 'react';
import { Button } from '../shell/Button.tsx';

/** Acts at the second click; the first one asks. */
export function AskButton({ text, name, onSure }: { text: string; name: string; onSure: () => void }) {
  const [asked, setAsked] = useState(false);
  const label = asked ? `${text} now?` : text;
  return (
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
  );
}
