import type { ComponentProps } from 'react';

/** A button that does not submit. `className` is its look beside the usual one: `primary`, `quiet`, `small`. */
export function Button({ className, ...props }: ComponentProps<'button'>) {
  return <button type="button" className={className ? `button ${className}` : 'button'} {...props} />;
}

/** A button that looks like a link in a sentence. */
export function TextButton(props: ComponentProps<'button'>) {
  return <button type="button" className="link" {...props} />;
}
