import { createContext, useContext, type MouseEvent, type ReactNode } from 'react';
import { revealPanel } from './console.ts';
import { writeDebugView, type DebugPanel, type DebugView } from './debugView.ts';

/** What is shown, and how to show something else; every count on the page needs both. */
export const ViewContext = createContext<{
  view: DebugView;
  change: (change: Partial<DebugView>) => void;
}>({ view: null as never, change: () => undefined });

/** A titled part of the page that a link can lead to. */
export function Panel(props: {
  id: string;
  title: ReactNode;
  /** Beside the title, at the right. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  const { id } = props;
  return (
    <section
      id={id}
      className={`panel panel-${id} ${props.className ?? ''}`}
      aria-labelledby={`${id}-title`}
      tabIndex={-1}
    >
      <div className="panel-head">
        <h2 id={`${id}-title`}>{props.title}</h2>
        <div className="panel-aside">{props.aside}</div>
      </div>
      {props.children}
    </section>
  );
}

/** A count that leads to what was counted. It is a link with an address, so it can be shared and opened beside. */
export function ViewLink(props: {
  shows: Partial<DebugView>;
  panel: string;
  title?: string;
  className?: string;
  children: ReactNode;
}) {
  const { view, change } = useContext(ViewContext);
  const next = { ...view, ...props.shows };

  function follow(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    change(props.shows);
    revealPanel(props.panel);
  }

  return (
    <a
      className={`count ${props.className ?? ''}`}
      href={`${window.location.pathname}${writeDebugView(next)}#${props.panel}`}
      title={props.title}
      onClick={follow}
    >
      {props.children}
    </a>
  );
}

/** What a panel leaves out, with the way back. Absent when it shows everything. */
export function FilterChip({ panel, word }: { panel: DebugPanel; word?: string }) {
  const { view, change } = useContext(ViewContext);
  if (view[panel] === 'all') return null;
  const name = word ?? view[panel].replaceAll('-', ' ');
  return (
    <button
      type="button"
      className="chip"
      aria-label={`Show all again, not only ${name}`}
      onClick={() => change({ [panel]: 'all' })}
    >
      {name} <span aria-hidden="true">×</span>
    </button>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="nothing muted">{children}</p>;
}
