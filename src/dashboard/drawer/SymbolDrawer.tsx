import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { splitSymbol } from '../alerts/feed.ts';
import { ageOf, useLineState } from '../board/AgeText.tsx';
import { Change } from '../board/Change.tsx';
import { labelState, modeOfRow } from '../board/lines.ts';
import { QUADRANT_LABELS, WINDOWS, explainQuadrant, quadrantOf } from '../board/quadrant.ts';
import {
  describeFunding,
  formatChange,
  formatExact,
  formatFunding,
  formatPrice,
  formatUsd,
} from '../../kit/format.shared.ts';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { Icon } from '../shell/Icon.tsx';
import { useBoard, useDashboard, useFavourites, useView } from '../shell/useDashboard.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { HistorySection } from './HistorySection.tsx';
import { stepSymbol } from './openSymbol.ts';
import { symbolLink } from './symbolLink.ts';
import './drawer.css';

const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 60_000, refetchOnWindowFocus: false } },
});

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
          <QueryClientProvider client={queries}>
            <HistorySection symbol={symbol} row={row} />
          </QueryClientProvider>
        </>
      ) : (
        <p className="chart-locked">
          <Icon name="lock" /> Charts and changes are part of Pro.
        </p>
      )}
      <Links symbol={symbol} />
    </section>
  );
}

function Head(props: { symbol: string; row: HeldRow | null; onClose: () => void }) {
  const { symbol, row } = props;
  const dashboard = useDashboard();
  const isFavourite = useFavourites((it) => it.has(symbol));
  return (
    <div className="drawer-head">
      <button
        type="button"
        className="star"
        aria-pressed={isFavourite}
        aria-label={`Favourite ${symbol}`}
        onClick={() => dashboard.preferences.toggleFavourite(symbol)}
      >
        <Icon name="star" filled={isFavourite} />
      </button>
      <h2>{symbol}</h2>
      <StateWord symbol={symbol} row={row} />
      <button
        type="button"
        className="button quiet"
        aria-label="Previous symbol"
        onClick={() => stepSymbol(dashboard, -1)}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        className="button quiet"
        aria-label="Next symbol"
        onClick={() => stepSymbol(dashboard, 1)}
      >
        <Icon name="right" />
      </button>
      <button type="button" className="button quiet" aria-label="Close details" onClick={props.onClose}>
        <Icon name="cross" />
      </button>
    </div>
  );
}

function StateWord(line: { symbol: string; row: HeldRow | null }) {
  const { row } = line;
  const state = useLineState(line);
  const mode = useBoard((it) => it.mode);
  const isLive = useBoard((it) => it.isLive);
  const age = useBoard((it) => ageOf(line, it.now));
  return (
    <span className={`state-word is-${state}`}>
      {isSnapshot(row, mode) && state === 'live' ? '5-min snapshot' : labelState(state, isLive)}
      {row && ` · ${age} ago`}
    </span>
  );
}

/** A sample of every five minutes is not live, even if it is on time. */
function isSnapshot(row: HeldRow | null, mode: Mode): boolean {
  return row !== null && modeOfRow(row, mode) === 'snapshot';
}

function Figures({ row }: { row: HeldRow }) {
  const { base } = splitSymbol(row.symbol);
  return (
    <dl className="figures">
      <div>
        <dt>OI (USD)</dt>
        <dd className="large">{formatUsd(row.openInterestUsd)}</dd>
      </div>
      <div>
        <dt>OI</dt>
        <dd>
          {formatExact(row.openInterest)} {base}
        </dd>
      </div>
      <div>
        <dt>Mark</dt>
        <dd>{formatPrice(row.markPrice)}</dd>
      </div>
      {row.fundingRate !== null && (
        <div>
          <dt>Funding</dt>
          <dd title={describeFunding(row.fundingRate)}>{formatFunding(row.fundingRate)}</dd>
        </div>
      )}
    </dl>
  );
}

function Changes({ row }: { row: HeldRow }) {
  const unit = useView((it) => it.unit);
  const period = useView((it) => it.window);
  const changes = unit === 'usd' ? row.dUsd : row.d;
  const quadrant = quadrantOf(row, period);
  const i = WINDOWS.indexOf(period);
  return (
    <>
      <p className="changes">
        {WINDOWS.map((window, at) => (
          <span key={window}>
            <span className="muted">Δ {window}</span> <Change value={changes[at]} />
          </span>
        ))}
        <span className="muted">({unit === 'usd' ? 'USD' : 'contracts'})</span>
      </p>
      {quadrant && (
        <p className="reading">
          <b>{QUADRANT_LABELS[quadrant]}.</b> Price {formatChange(row.p[i])} and OI {formatChange(row.d[i])}
          {unit === 'usd' && ' in contracts'} in {period}: {explainQuadrant(quadrant)}
        </p>
      )}
    </>
  );
}

const OUTSIDE = { target: '_blank', rel: 'noopener noreferrer' } as const;

function Links({ symbol }: { symbol: string }) {
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
