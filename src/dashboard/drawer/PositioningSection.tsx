import { useState } from 'react';
import { lazyPart } from '../shell/lazyPart.tsx';

const PositioningPanel = lazyPart(async () => (await import('./PositioningPanel.tsx')).PositioningPanel);

/** Long/short ratios, taker volume and liquidations. Closed, it reads nothing: an open one has the collectors read it. */
export function PositioningSection({ symbol }: { symbol: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details className="positioning" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Positioning and liquidations</summary>
      {isOpen && <PositioningPanel symbol={symbol} />}
    </details>
  );
}
