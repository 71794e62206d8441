import type { ReactNode } from 'react';
import type { Tone } from '../live/connection.ts';
import { Icon } from './Icon.tsx';

/** One line under the header: what is wrong, and what can be done. */
export function Banner({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <div className={`banner tone-${tone}`}>
      {tone === 'warn' && <Icon name="warn" />}
      {tone === 'error' && <Icon name="cross" />}
      <p>{children}</p>
    </div>
  );
}
