import type { ReactNode } from 'react';
import { PILLS, type ConnectionState } from '../live/connection.ts';
import { Icon, type IconName } from './Icon.tsx';

/** Who we are, how things stand, and what can be done about the page. */
export function Header(props: { state: ConnectionState; label: ReactNode; controls: ReactNode }) {
  const { word, icon, tone } = PILLS[props.state];
  return (
    <header className="header">
      <a className="skip" href="#table">
        Skip to the table
      </a>
      <h1>Open Interest</h1>
      {/* Announced when the state changes; what ticks stands outside of it. */}
      <span className={`pill tone-${tone}`} role="status">
        <Icon name={icon as IconName} />
        {word}
      </span>
      <span className="freshness">{props.label}</span>
      <div className="controls">{props.controls}</div>
    </header>
  );
}
