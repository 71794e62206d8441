import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from './Button.tsx';

/** The last net: says that the page broke, and under which id, instead of showing nothing. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { id: string | null }> {
  override state: { id: string | null } = { id: null };

  static getDerivedStateFromError(): { id: string } {
    return { id: makeId() };
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
          <Button className="primary" onClick={() => window.location.reload()}>
            Reload
          </Button>
        </p>
        <p className="muted">Error id {this.state.id}; see the browser’s console for details.</p>
      </main>
    );
  }
}

/** Eight hex digits. `crypto.randomUUID` is missing on pages served over plain http. */
function makeId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (it) => it.toString(16).padStart(2, '0')).join(
    '',
  );
}
