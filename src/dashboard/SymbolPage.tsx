import { StartedDashboard } from './StartedDashboard.tsx';
import { lazyPart } from './shell/lazyPart.tsx';
import { PageHeader } from './shell/PageHeader.tsx';
import { StateBanner } from './shell/StateBanner.tsx';
import { useView } from './shell/useDashboard.ts';

const SymbolView = lazyPart(async () => (await import('./drawer/symbolParts.ts')).SymbolView);

/** `/s/BTCUSDT`: one symbol, to be linked and kept open. */
export function SymbolPage() {
  return (
    <StartedDashboard>
      <PageHeader main="symbol" what="the chart" />
      <StateBanner />
      <main id="symbol" className="main">
        <Shown />
      </main>
    </StartedDashboard>
  );
}

function Shown() {
  const symbol = useView((it) => it.symbol);
  return symbol && <SymbolView symbol={symbol} />;
}
