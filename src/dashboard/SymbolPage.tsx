import { StartedDashboard } from './StartedDashboard.tsx';
import { DialogPlace } from './shell/DialogPlace.tsx';
import { lazyPart } from './shell/lazyPart.tsx';
import { PageHeader } from './shell/PageHeader.tsx';
import { StateBanner } from './shell/StateBanner.tsx';
import { Toast } from './shell/Toast.tsx';
import { useDashboard, useView } from './shell/useDashboard.ts';
import { DevelopmentStrip } from './signIn/DevelopmentStrip.tsx';
import './styles/dashboard.css';

const SymbolView = lazyPart(async () => (await import('./drawer/symbolParts.ts')).SymbolView);

/** `/s/BTCUSDT`: one symbol, to be linked and kept open. */
export function SymbolPage() {
  return (
    <StartedDashboard>
      <Symbol />
    </StartedDashboard>
  );
}

function Symbol() {
  const { session } = useDashboard();
  return (
    <div className="page">
      <DevelopmentStrip session={session} />
      <PageHeader main="symbol" what="the chart" />
      <StateBanner />
      <main id="symbol" className="main">
        <Shown />
      </main>
      <Toast />
      <DialogPlace />
    </div>
  );
}

function Shown() {
  const symbol = useView((it) => it.symbol);
  return symbol && <SymbolView symbol={symbol} />;
}
