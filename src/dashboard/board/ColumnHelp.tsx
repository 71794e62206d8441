import type { ColumnKey } from './columns.ts';
import { explainColumns } from './help.ts';

/** What columns mean; those of one meaning share a line. */
export function ColumnHelp({ columns }: { columns: readonly ColumnKey[] }) {
  return (
    <dl className="column-help">
      {explainColumns(columns).map(({ label, text }) => (
        <div key={text}>
          <dt>{label}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
