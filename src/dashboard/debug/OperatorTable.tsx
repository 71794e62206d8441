import type { ReactNode } from 'react';

/** A table that scrolls in its panel. Roles are spelled out because narrow windows show its rows as cards. */
export function OperatorTable(props: {
  label: string;
  className: string;
  columns: readonly string[];
  children: ReactNode;
}) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={props.label}>
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
    </div>
  );
}
