import { useMemo, type ReactNode } from 'react';
import { formatChange, formatCount, formatUsd, formatUsdChange } from '../../kit/format.shared.ts';
import { toneOf } from '../board/Change.tsx';
import { EmptyBoard } from '../board/EmptyBoard.tsx';
import { useHasChanges } from '../shell/useDashboard.ts';
import { sumPoints, sumSectors, type Totals } from './market.ts';
import { Scatter } from './Scatter.tsx';
import { SectorsTable } from './SectorsTable.tsx';
import { SymbolsTable } from './SymbolsTable.tsx';
import { Treemap } from './Treemap.tsx';
import { useMarket } from './useMarket.ts';
import './market.css';

/** Totals, pictures and tables of the filtered symbols in the chosen window. */
export function MarketView() {
  const hasChanges = useHasChanges();
  const { points, board } = useMarket();
  const { window } = board.view;
  const totals = useMemo(() => sumPoints(points), [points]);
  const sectors = useMemo(() => sumSectors(points), [points]);
  if (points.length === 0) {
    return (
      <div className="board-empty">
        <EmptyBoard />
      </div>
    );
  }
  return (
    <div id="table" className="market" tabIndex={-1}>
      <TotalTiles totals={totals} window={hasChanges ? window : null} all={board.all.length} />
      <div className="market-pictures">
        {hasChanges && <Scatter points={points} window={window} />}
        <Treemap points={points} window={hasChanges ? window : null} />
      </div>
      <div className="market-tables">
        <SectorsTable sectors={sectors} hasChanges={hasChanges} />
        <SymbolsTable points={points} />
      </div>
    </div>
  );
}

function TotalTiles({ totals, window, all }: { totals: Totals; window: string | null; all: number }) {
  const amount = formatUsdChange(totals.amount);
  const change = formatChange(totals.change);
  return (
    <section className="market-tiles" aria-label="Totals of the filtered symbols">
      <Total label="Open interest" value={formatUsd(totals.usd)}>
        {formatCount(totals.symbols)} of {formatCount(all)} symbols
      </Total>
      {window !== null && (
        <>
          <Total label={`ΔUSD ${window}`} value={<span className={toneOf(amount)}>{amount}</span>}>
            <span className={toneOf(change)}>{change}</span>
          </Total>
          <Total label={`OI ${window}`} value={<UpDown up={totals.up} down={totals.down} />}>
            symbols up / down
          </Total>
          <Total label={`Price ${window}`} value={<UpDown up={totals.priceUp} down={totals.priceDown} />}>
            symbols up / down
          </Total>
        </>
      )}
    </section>
  );
}

function Total(props: { label: string; value: ReactNode; children: ReactNode }) {
  return (
    <div className="market-total">
      <span className="tile-label">{props.label}</span>
      <strong>{props.value}</strong>
      <span className="tile-note">{props.children}</span>
    </div>
  );
}

function UpDown({ up, down }: { up: number; down: number }) {
  return (
    <>
      <span className="up">▲ {formatCount(up)}</span> <span className="down">▼ {formatCount(down)}</span>
    </>
  );
}
