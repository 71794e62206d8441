import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { TextButton } from '../shell/Button.tsx';
import { copyText } from '../shell/copyText.ts';
import { useDashboard } from '../shell/useDashboard.ts';
import { symbolPath } from '../symbolPath.ts';
import { symbolLink } from './symbolLink.ts';

const OUTSIDE = { target: '_blank', rel: 'noopener noreferrer' } as const;

/** Copies of its name and its address, links to other sites, and the chart's library, which asks to be named. */
export function SymbolLinks({ symbol }: { symbol: string }) {
  const dashboard = useDashboard();
  const { pro } = dashboard;
  const copy = (text: string) => () => void copyText(dashboard, text);
  const template = useDashboardFacts()?.symbolLinkTemplate;
  return (
    <p className="drawer-links muted">
      <TextButton onClick={copy(symbol)}>Copy ticker</TextButton>
      <TextButton onClick={copy(`${window.location.origin}${symbolPath(symbol)}`)}>Copy link</TextButton>
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
