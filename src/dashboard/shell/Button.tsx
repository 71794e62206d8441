import type { ComponentProps, ReactNode } from 'react';

/** A button that does not submit. `className` is its look beside the usual one: `primary`, `quiet`, `small`. */
export function Button({ className, ...props }: ComponentProps<'button'>) {
  return <button type="button" className={className ? `button ${className}` : 'button'} {...props} />;
}

/** A link to another page that looks like a button. */
export function ButtonLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a className="button" href={href}>
      {children}
    </a>
  );
}

/** A button that looks like a link in a sentence. */
export function TextButton(props: ComponentProps<'button'>) {
  return <button type="button" className="link" {...props} />;
}
