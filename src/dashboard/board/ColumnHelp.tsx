import type { Explained } from './help.ts';

/** Names and what they mean. */
export function ColumnHelp({ items }: { items: readonly Explained[] }) {
  return (
    <dl className="column-help">
      {items.map(({ label, text }) => (
        <div key={text}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
