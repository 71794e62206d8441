import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import { symbolLink } from './symbolLink.ts';

const OUTSIDE = { target: '_blank', rel: 'noopener noreferrer' } as const;

/** To other sites, and the chart's library, which asks to be named. */
export function SymbolLinks({ symbol }: { symbol: string }) {
  const { pro } = useDashboard();
  const template = useDashboardFacts()?.symbolLinkTemplate;
  return (
    <p className="drawer-links muted">
      <a
        href={`https://www.tradingview.com/chart/?symbol=${encodeURIComponent(`BINANCE:${symbol}.P`)}`}
        {...OUTSIDE}
      >
        Open in TradingView ↗
      </a>
      {template && (
        <a href={symbolLink(template, symbol)} {...OUTSIDE}>
          Open in Binance ↗
        </a>
      )}
      {pro && (
        <a href="https://www.tradingview.com/" {...OUTSIDE}>
          Charts: TradingView Lightweight Charts
        </a>
      )}
    </p>
  );
}
