import { useState } from 'react';
import { formatChange, formatUsd, formatUsdChange } from '../../kit/format.shared.ts';
import { toneOf } from '../board/Change.tsx';
import { QUADRANT_LABELS } from '../board/quadrant.ts';
import { openSymbol } from '../drawer/openSymbol.ts';
import { TextButton } from '../shell/Button.tsx';
import { TableHead } from '../shell/TableHead.tsx';
import { useDashboard } from '../shell/useDashboard.ts';
import type { MarketPoint } from './market.ts';

/** The figures of both pictures as a table, for readers whom a picture does not serve. */
export function SymbolsTable({ points }: { points: readonly MarketPoint[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="market-panel market-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Both pictures as a table</summary>
      {isOpen && (
        <div className="market-scroll" tabIndex={0} role="region" aria-label="Symbols">
          <table>
            <TableHead names={['Symbol', 'Sector', 'OI (USD)', 'Price', 'ΔOI', 'ΔUSD', 'Price × OI']} />
            <tbody>
              {points.map((it) => (
                <SymbolRow key={it.symbol} point={it} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

function SymbolRow({ point }: { point: MarketPoint }) {
  const dashboard = useDashboard();
  const { symbol, sectors, usd, amount, quadrant } = point;
  const [price, oi, change] = [formatChange(point.price), formatChange(point.oi), formatUsdChange(amount)];
  return (
    <tr>
      <th scope="row">
        <TextButton onClick={() => openSymbol(dashboard, symbol)}>{symbol}</TextButton>
      </th>
      <td>{sectors.join(', ')}</td>
      <td>{formatUsd(usd)}</td>
      <td className={toneOf(price)}>{price}</td>
      <td className={toneOf(oi)}>{oi}</td>
      <td className={toneOf(change)}>{change}</td>
      <td>{quadrant ? QUADRANT_LABELS[quadrant] : '—'}</td>
    </tr>
  );
}
