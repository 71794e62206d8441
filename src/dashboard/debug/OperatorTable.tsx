import type { ReactNode } from 'react';

/** A table that scrolls in its panel. Explicit roles survive the narrow layout, where rows are blocks. */
export function OperatorTable(props: {
  label: string;
  className: string;
  columns: readonly string[];
  children: ReactNode;
}) {
  return (
    <section className="scroll" tabIndex={0} aria-label={props.label}>
      <table className={`operator-table ${props.className}`} role="table">
        <thead role="rowgroup">
          <tr role="row">
            {props.columns.map((it) => (
              <th key={it} role="columnheader" scope="col">
                {it}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">{props.children}</tbody>
      </table>
    </section>
  );
}
