import type { ColumnKey } from './columns.ts';
import { explainColumns } from './help.ts';

/** `Δ 5m, 1h, 24h` and what it means; columns of one meaning share a line. */
export function ColumnHelp({ columns }: { columns: readonly ColumnKey[] }) {
  return (
    <dl className="column-help">
      {explainColumns(columns).map(({ labels, text }) => (
        <div key={text}>
          <dt>{labels.join(', ')}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
