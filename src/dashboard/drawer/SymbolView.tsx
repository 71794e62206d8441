import { QueryClientProvider } from '@tanstack/react-query';
import { findRow } from '../board/rowFacts.ts';
import { shownRange } from '../board/view.ts';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { useBoard, useDashboard, useView } from '../shell/useDashboard.ts';
import { historyQueries } from './history.ts';
import { HistorySection } from './HistorySection.tsx';
import { PositioningSection } from './PositioningSection.tsx';
import { FavouriteStar } from '../shell/FavouriteStar.tsx';
import { Changes, Figures, Locked, StateWord, StepButtons } from './SymbolFacts.tsx';
import { SymbolLinks } from './SymbolLinks.tsx';
import { SymbolLists } from '../watchlists/SymbolLists.tsx';
import './drawer.css';
import './symbolView.css';

/** The page of one symbol: its live values, and a chart that fills the rest of the window. */
export function SymbolView({ symbol }: { symbol: string }) {
  const { pro } = useDashboard();
  const row = useBoard(({ board }) => findRow(board, symbol)) ?? null;
  const isMissing = useBoard(({ board }) => board !== null && findRow(board, symbol) === undefined);
  const isRealtime = useBoard((it) => it.mode === 'realtime');
  const range = useView(shownRange);
  return (
    <section className="symbol-view" aria-labelledby="symbol-name">
      <div className="symbol-head">
        <FavouriteStar symbol={symbol} />
        <h2 id="symbol-name">{symbol}</h2>
        {!isMissing && <StateWord symbol={symbol} row={row} />}
        {isMissing && <span className="state-word">Not on this board</span>}
        <SymbolLists symbol={symbol} />
        <StepButtons />
      </div>
      {row && (
        <div className="symbol-facts">
          <Figures row={row} />
          {pro && isRealtime && <Changes row={row} />}
        </div>
      )}
      {pro ? (
        <PanelBoundary key={symbol} name={`The chart of ${symbol}`} data={range}>
          <QueryClientProvider client={historyQueries}>
            <HistorySection symbol={symbol} row={row} style="candles" />
            <PositioningSection symbol={symbol} />
          </QueryClientProvider>
        </PanelBoundary>
      ) : (
        <Locked />
      )}
      <SymbolLinks symbol={symbol} />
    </section>
  );
}
