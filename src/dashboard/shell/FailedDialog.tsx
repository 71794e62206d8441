import type { ReactNode } from 'react';
import { Button } from './Button.tsx';

/** In place of a dialog that cannot be loaded. Esc closes it, too. */
export function FailedDialog({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <div className="banner tone-warn">
      {children}
      <Button className="quiet" onClick={onClose}>
        Close
      </Button>
    </div>
  );
}
