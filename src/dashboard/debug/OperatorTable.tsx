import type { ReactNode } from 'react';

/** A table; with a label it scrolls in its panel. Explicit roles survive the narrow layout, where rows are blocks. */
export function OperatorTable(props: {
  label?: string;
  className: string;
  columns: readonly string[];
  children: ReactNode;
}) {
  const table = (
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
  );
  if (props.label === undefined) return table;
  return (
    <section className="scroll" tabIndex={0} aria-label={props.label}>
      {table}
    </section>
  );
}

/** `name`: shown before the value where rows are cards. */
export function Cell(props: {
  name: string;
  className?: string;
  title?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <td role="cell" data-name={props.name} className={props.className} title={props.title}>
      {props.children}
    </td>
  );
}
