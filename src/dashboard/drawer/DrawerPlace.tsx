import { useEffect } from 'react';
import { findRow } from '../board/rowFacts.ts';
import { shownRange } from '../board/view.ts';
import { Button } from '../shell/Button.tsx';
import { lazyPart } from '../shell/lazyPart.tsx';
import { PanelBoundary } from '../shell/PanelBoundary.tsx';
import { useBoard, useDashboard, useView } from '../shell/useDashboard.ts';
import { DrawerFrame } from './DrawerFrame.tsx';
import { closeSymbol } from './openSymbol.ts';

const SymbolDrawer = lazyPart(
  async () => (await import('./symbolParts.ts')).SymbolDrawer,
  (message, { symbol, onClose }) =>
    message && (
      <section className="drawer" aria-label={`Details of ${symbol}`}>
        {message}
        <Button onClick={onClose}>Close</Button>
      </section>
    ),
);

/** The details of the symbol in the address, if the board has it. */
export function DrawerPlace() {
  const dashboard = useDashboard();
  const symbol = useView((it) => it.symbol);
  const range = useView(shownRange);
  const row = useBoard(({ board }) => (symbol === null ? undefined : findRow(board, symbol)));
  const onClose = (): void => closeSymbol(dashboard);
  useUnknownSymbol(symbol, row === undefined);
  if (symbol === null || row === undefined) return null;
  return (
    <DrawerFrame>
      <PanelBoundary key={symbol} name={symbol} data={range} className="drawer" onClose={onClose}>
        <SymbolDrawer symbol={symbol} row={row} onClose={onClose} />
      </PanelBoundary>
    </DrawerFrame>
  );
}

/** Says so when the address names a symbol that a complete board does not have. */
function useUnknownSymbol(symbol: string | null, isMissing: boolean): void {
  const { page } = useDashboard();
  const isComplete = useBoard((it) => it.board !== null && it.situation.connected && it.state !== 'resync');
  useEffect(() => {
    if (symbol !== null && isMissing && isComplete) {
      page.setState({ notice: `${symbol} is not on this board` });
    }
  }, [page, symbol, isMissing, isComplete]);
}
