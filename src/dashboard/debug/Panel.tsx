import type { MouseEvent, ReactNode } from 'react';
import { revealPanel } from './console.ts';
import { writeDebugView, type DebugPanel, type DebugView } from './debugView.ts';
import { useDebugView } from './useConsole.ts';

/** A titled part of the page that links can point to. `count`: of what it lists; its link shows `all` of it. */
export function Panel(props: {
  id: string;
  title: ReactNode;
  count?: ReactNode;
  all?: Partial<DebugView>;
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
        <h2 id={`${id}-title`}>
          {props.title}{' '}
          {props.all && (
            <ViewLink shows={props.all} panel={id}>
              {props.count}
            </ViewLink>
          )}
        </h2>
        <div className="panel-aside">{props.aside}</div>
      </div>
      {props.children}
    </section>
  );
}

/** A count that shows what was counted. A link with an address can be shared and opened in a new tab. */
export function ViewLink(props: {
  shows: Partial<DebugView>;
  panel: string;
  title?: string;
  className?: string;
  children: ReactNode;
}) {
  const { view, change } = useDebugView();
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

/** The filter of a panel, with a button that removes it. */
export function FilterChip({ panel, word }: { panel: DebugPanel; word?: string }) {
  const { view, change } = useDebugView();
  if (view[panel] === 'all') return null;
  const name = word ?? view[panel].replaceAll('-', ' ');
  return (
    <button
      type="button"
      className="chip"
      aria-label={`Show all, not only ${name}`}
      onClick={() => change({ [panel]: 'all' })}
    >
      {name} <span aria-hidden="true">×</span>
    </button>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="nothing muted">{children}</p>;
}
