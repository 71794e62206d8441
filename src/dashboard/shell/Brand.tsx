import type { ReactNode } from 'react';
import mark from '../icon.svg';

/** The heading of a page: the name of the product and, but on the dashboard, what the page is. */
export function Brand({ children }: { children?: ReactNode }) {
  return (
    <h1>
      <BrandLink />
      {children !== undefined && <span className="muted"> · {children}</span>}
    </h1>
  );
}

/** The mark and the name, with a link to the dashboard. */
export function BrandLink() {
  return (
    <a href="/" title="To the dashboard" className="brand">
      <img src={mark} alt="" width="22" height="22" />
      <span>
        <span className="hide-narrow">VolSpike </span>Open Interest
      </span>
    </a>
  );
}
