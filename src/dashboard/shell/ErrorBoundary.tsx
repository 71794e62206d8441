import { Component, type ErrorInfo, type ReactNode } from 'react';

/** The last net: says that the page broke, and under which id, instead of showing nothing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { id: string | null }> {
  override state: { id: string | null } = { id: null };

  static getDerivedStateFromError(): { id: string } {
    return { id: crypto.randomUUID().slice(0, 8) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error('the page broke', this.state.id, error, info.componentStack);
  }

  override render(): ReactNode {
    if (this.state.id === null) return this.props.children;
    return (
      <main className="message-page" role="alert">
        <h1>Something broke in this page.</h1>
        <p>Your data is safe; reload to continue.</p>
        <p>
          <button type="button" className="button primary" onClick={() => window.location.reload()}>
            Reload
          </button>
        </p>
        <p className="muted">Error id {this.state.id}; the browser’s console tells more.</p>
      </main>
    );
  }
}
