import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { formatExact, formatPrice } from '../../kit/format.shared.ts';
import { formatIso, formatMoment, type ClockZone } from '../timeOfDay.ts';

/** All points of the chart as exact numbers, the newest first. */
export function DataTable({ history, zone }: { history: HistoryBody; zone: ClockZone }) {
  const newestFirst = history.t.map((_, i) => i).reverse();
  return (
    <section className="data-table" tabIndex={0} aria-label={`History of ${history.symbol} as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">OI</th>
            <th scope="col">OI (USD)</th>
            <th scope="col">Mark</th>
          </tr>
        </thead>
        <tbody>
          {newestFirst.map((i) => (
            <tr key={history.t[i]}>
              <td>
                <time dateTime={formatIso(history.t[i]! * 1_000)}>
                  {formatMoment(history.t[i]! * 1_000, zone)}
                </time>
              </td>
              <td>{formatExact(history.oi[i])}</td>
              <td>{formatExact(history.usd[i])}</td>
              <td>{formatPrice(history.mark[i])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
