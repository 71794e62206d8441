import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { formatContracts, formatPrice, formatUsd } from '../../kit/format.shared.ts';
import { formatIso, formatMoment, type ClockZone } from '../timeOfDay.ts';
import { pickRows } from './chartData.ts';

const MOST_ROWS = 60;

/** The same history as the chart, in numbers. */
export function DataTable({ history, zone }: { history: HistoryBody; zone: ClockZone }) {
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
          {pickRows(history, MOST_ROWS).map((i) => (
            <tr key={history.t[i]}>
              <td>
                <time dateTime={formatIso(history.t[i]! * 1_000)}>
                  {formatMoment(history.t[i]! * 1_000, zone)}
                </time>
              </td>
              <td>{formatContracts(history.oi[i])}</td>
              <td>{formatUsd(history.usd[i])}</td>
              <td>{formatPrice(history.mark[i])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
