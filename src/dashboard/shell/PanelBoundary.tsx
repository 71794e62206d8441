import { Component, type ErrorInfo, type ReactNode } from 'react';

type Props = {
  /** As the reader knows the part: `Collectors`. */
  name: string;
  /** What the part is drawn from: when it changes, the part is tried again by itself. */
  data?: unknown;
  className?: string;
  /** Where the part covers others, it must be possible to leave it. */
  onClose?: (() => void) | null;
  children: ReactNode;
};

/** Keeps a part of a page that breaks from taking the others with it: a sentence stands in its place. */
export class PanelBoundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error('a panel broke', this.props.name, error, info.componentStack);
  }

  override componentDidUpdate(before: Props): void {
    if (this.state.broken && before.data !== this.props.data) this.setState({ broken: false });
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
        <button type="button" className="button" onClick={() => this.setState({ broken: false })}>
          Try again
        </button>
        {onClose && (
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        )}
      </section>
    );
  }
}
