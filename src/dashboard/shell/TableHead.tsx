/** The heads of a table's columns. */
export function TableHead({ names }: { names: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((it) => (
          <th key={it} scope="col">
            {it}
          </th>
        ))}
      </tr>
    </thead>
  );
}
