import { TableHead } from '../shell/TableHead.tsx';
import { formatIso, formatMoment, type ClockZone } from '../timeOfDay.ts';

/** Values by time, the newest first. Each of `rows`, oldest first, is its time, epoch ms, and its cells. */
export function DataTable(props: {
  label: string;
  columns: readonly string[];
  rows: readonly (readonly [ts: number, ...cells: string[]])[];
  zone: ClockZone;
}) {
  const { label, columns, rows, zone } = props;
  return (
    <section className="data-table" tabIndex={0} aria-label={label}>
      <table>
        <TableHead names={['Time', ...columns]} />
        <tbody>
          {rows.toReversed().map(([ts, ...cells]) => (
            <tr key={ts}>
              <td>
                <time dateTime={formatIso(ts)}>{formatMoment(ts, zone)}</time>
              </td>
              {cells.map((cell, i) => (
                <td key={columns[i]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
