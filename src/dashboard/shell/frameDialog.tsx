import type { ReactNode } from 'react';
import { Button } from './Button.tsx';

/** In place of a dialog: nothing while it loads, else why it cannot be loaded. Esc closes that, too. */
export function frameDialog(message: ReactNode, { onClose }: { onClose: () => void }): ReactNode {
  return (
    message && (
      <div className="banner tone-warn">
        {message}
        <Button className="quiet" onClick={onClose}>
          Close
        </Button>
      </div>
    )
  );
}
