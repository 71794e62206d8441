import type { ReactNode } from 'react';
import { PILLS, type ConnectionState } from '../live/connection.ts';
import { Icon, type IconName } from './Icon.tsx';

/** Who we are, how things stand, and what can be done about the page. */
export function Header(props: {
  state: ConnectionState;
  label: ReactNode;
  /** Announced when the state changes, never with each tick. */
  announcement: string;
  controls: ReactNode;
}) {
  const { word, icon, tone } = PILLS[props.state];
  return (
    <header className="header">
      <a className="skip" href="#table">
        Skip to the table
      </a>
      <h1>Open Interest</h1>
      <span className={`pill tone-${tone}`} data-testid="pill">
        <Icon name={icon as IconName} />
        {word}
      </span>
      <span className="freshness" data-testid="freshness">
        {props.label}
      </span>
      <span className="sr-only" role="status">
        {props.announcement}
      </span>
      <div className="controls">{props.controls}</div>
    </header>
  );
}
