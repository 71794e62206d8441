import type { ReactNode } from 'react';

/** A page that has one thing to say. */
export function MessagePage({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <main className="message-page">
      <h1>{title}</h1>
      {children}
    </main>
  );
}
