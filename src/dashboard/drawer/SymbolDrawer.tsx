import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { HeldRow } from '../../client/sync.types.ts';
import { writeView } from '../board/urlState.ts';
import { Button, ButtonLink } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { useBoard, useDashboard, useView } from '../shell/useDashboard.ts';
import { symbolPath } from '../symbolPath.ts';
import { historyQueries } from './history.ts';
import { HistorySection } from './HistorySection.tsx';
import { PositioningSection } from './PositioningSection.tsx';
import { FavouriteStar } from '../shell/FavouriteStar.tsx';
import { Changes, Figures, Locked, StateWord, StepButtons } from './SymbolFacts.tsx';
import { SymbolLinks } from './SymbolLinks.tsx';
import { SymbolLists } from '../watchlists/SymbolLists.tsx';
import './drawer.css';

/** Everything about one symbol, beside the table. `row: null`: never sampled. */
export function SymbolDrawer(props: { symbol: string; row: HeldRow | null; onClose: () => void }) {
  const { symbol, row } = props;
  const { pro } = useDashboard();
  const isRealtime = useBoard((it) => it.mode === 'realtime');
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => drawer.current?.focus(), []);
  return (
    <section ref={drawer} className="drawer" tabIndex={-1} aria-label={`Details of ${symbol}`}>
      <Head {...props} />
      {row ? <Figures row={row} /> : <p className="chart-note">No sample yet.</p>}
      {pro ? (
        <>
          {row && isRealtime && <Changes row={row} />}
          <QueryClientProvider client={historyQueries}>
            <HistorySection symbol={symbol} row={row} style="lines" />
            <PositioningSection key={symbol} symbol={symbol} />
          </QueryClientProvider>
        </>
      ) : (
        <Locked />
      )}
      <SymbolLinks symbol={symbol} />
    </section>
  );
}

function Head({ symbol, row, onClose }: { symbol: string; row: HeldRow | null; onClose: () => void }) {
  const { pro } = useDashboard();
  return (
    <div className="drawer-head">
      <FavouriteStar symbol={symbol} />
      <h2>{symbol}</h2>
      <StateWord symbol={symbol} row={row} />
      <SymbolLists symbol={symbol} />
      {pro && <ChartLink symbol={symbol} />}
      <StepButtons />
      <Button className="quiet" aria-label="Close details" onClick={onClose}>
        <Icon name="cross" />
      </Button>
    </div>
  );
}

/** With the rest of the view: the page steps through the same symbols, and Esc leads back to it. */
function ChartLink({ symbol }: { symbol: string }) {
  const query = useView((it) => writeView({ ...it, symbol: null, alert: null }));
  return <ButtonLink href={`${symbolPath(symbol)}${query && `?${query}`}`}>Open chart</ButtonLink>;
}
