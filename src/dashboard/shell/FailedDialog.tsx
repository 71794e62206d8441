import type { ReactNode } from 'react';

/** In place of a dialog that cannot be loaded. Esc closes it, too. */
export function FailedDialog({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  return (
    <div className="banner tone-warn">
      {children}
      <button type="button" className="button quiet" onClick={onClose}>
        Close
      </button>
    </div>
  );
}
