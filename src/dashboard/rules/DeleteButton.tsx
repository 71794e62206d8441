import { useState } from 'react';
import { Button } from '../shell/Button.tsx';

/** Deletes at the second click; the first one asks. */
export function DeleteButton({ name, onDelete }: { name: string; onDelete: () => void }) {
  const [asked, setAsked] = useState(false);
  return (
    <Button
      aria-label={asked ? `Delete ${name} now` : `Delete ${name}`}
      onBlur={() => setAsked(false)}
      onClick={() => (asked ? onDelete() : setAsked(true))}
    >
      {asked ? 'Delete now?' : 'Delete'}
    </Button>
  );
}
