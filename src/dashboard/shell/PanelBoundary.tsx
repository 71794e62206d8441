import { Component, type ErrorInfo, type ReactNode } from 'react';
import type { BoardState } from '../board/deriveBoard.ts';
import { Button } from './Button.tsx';
import { useBoard } from './useDashboard.ts';

type Props = {
  /** The part in the reader's words: `Collectors`. */
  name: string;
  /** What the part is drawn from. When it changes, a broken part is tried again. */
  data?: unknown;
  className?: string;
  /** For a part that covers others: how it is closed. */
  onClose?: (() => void) | null;
  children: ReactNode;
};

type State = { broken: boolean; data: unknown };

/** Keeps an error in one part of a page from breaking the others: a message replaces the part. */
export class PanelBoundary extends Component<Props, State> {
  override state: State = { broken: false, data: this.props.data };

  static getDerivedStateFromError(): Partial<State> {
    return { broken: true };
  }

  static getDerivedStateFromProps({ data }: Props, held: State): State | null {
    return data === held.data ? null : { broken: false, data };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error('a panel broke', this.props.name, error, info.componentStack);
  }

  override render(): ReactNode {
    const { name, className = 'panel', onClose, children } = this.props;
    if (!this.state.broken) return children;
    return (
      <section className={`${className} broken-panel`} aria-label={name}>
        <p>
          <b>{name}</b> cannot be shown: a value in it is not as expected. Everything else on this page is up
          to date; the browser’s console has the details.
        </p>
        <Button onClick={() => this.setState({ broken: false })}>Try again</Button>
        {onClose && <Button onClick={onClose}>Close</Button>}
      </section>
    );
  }
}

/** A part of the dashboard that is drawn from the board. */
export function BoardBoundary(props: {
  name: string;
  watch: (board: BoardState) => unknown;
  children: ReactNode;
}) {
  const data = useBoard(props.watch);
  return (
    <PanelBoundary name={props.name} data={data}>
      {props.children}
    </PanelBoundary>
  );
}
