import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { splitSymbol } from '../alerts/feed.ts';
import { Change } from '../board/Change.tsx';
import { labelState, modeOfRow, type Line, type LineState } from '../board/lines.ts';
import { QUADRANT_LABELS, WINDOWS, explainQuadrant, quadrantOf } from '../board/quadrant.ts';
import type { View } from '../board/view.ts';
import {
  describeFunding,
  formatCellAge,
  formatChange,
  formatExact,
  formatFunding,
  formatPrice,
  formatUsd,
} from '../../kit/format.shared.ts';
import { type ClockZone } from '../timeOfDay.ts';
import { Icon } from '../shell/Icon.tsx';
import { useMedia } from '../shell/useMedia.ts';
import { useDashboardFacts } from '../live/useDashboardFacts.ts';
import { HistorySection } from './HistorySection.tsx';
import { symbolLink } from './symbolLink.ts';

const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 60_000, refetchOnWindowFocus: false } },
});

/** Everything about one symbol, beside the table rather than over it. */
export function SymbolDrawer(props: {
  line: Line;
  state: LineState;
  now: number;
  mode: Mode;
  view: View;
  zone: ClockZone;
  look: string;
  pro: boolean;
  favourite: boolean;
  onChange: (change: Partial<View>) => void;
  onFavourite: () => void;
  onStep: (by: 1 | -1) => void;
  onClose: () => void;
}) {
  const { line, state, view } = props;
  const { row, symbol } = line;
  const template = useDashboardFacts()?.symbolLinkTemplate;
  // With the theme of the system the page changes its colours by itself; a canvas has to be told.
  const isLight = useMedia('(prefers-color-scheme: light)');
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => {
    drawer.current?.focus();
  }, []);

  const { base } = splitSymbol(symbol);
  return (
    <section
      ref={drawer}
      className="drawer"
      tabIndex={-1}
      aria-label={`Details of ${symbol}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        props.onClose();
      }}
    >
      <div className="drawer-head">
        <button
          type="button"
          className="star"
          aria-pressed={props.favourite}
          aria-label={`Favourite ${symbol}`}
          onClick={props.onFavourite}
        >
          <Icon name="star" filled={props.favourite} />
        </button>
        <h2>{symbol}</h2>
        <span className={`state-word is-${state}`}>
          {wordOf(row, state, props.mode)}
          {row && ` · ${formatCellAge(props.now - row.ts)} ago`}
        </span>
        <button
          type="button"
          className="button quiet"
          aria-label="Previous symbol"
          onClick={() => props.onStep(-1)}
        >
          <Icon name="left" />
        </button>
        <button
          type="button"
          className="button quiet"
          aria-label="Next symbol"
          onClick={() => props.onStep(1)}
        >
          <Icon name="right" />
        </button>
        <button type="button" className="button quiet" aria-label="Close details" onClick={props.onClose}>
          <Icon name="cross" />
        </button>
      </div>
      {row ? (
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
      ) : (
        <p className="chart-note">No sample yet.</p>
      )}
      {props.pro ? (
        <>
          {row && props.mode === 'realtime' && <Changes row={row} view={view} />}
          <QueryClientProvider client={queries}>
            <HistorySection
              symbol={symbol}
              row={row}
              range={view.range}
              unit={view.unit}
              zone={props.zone}
              look={`${props.look} ${isLight}`}
              alert={view.alert}
              onRange={(range) => props.onChange({ range })}
              onUnit={(unit) => props.onChange({ unit })}
              onAlert={(alert) => props.onChange({ alert })}
            />
          </QueryClientProvider>
        </>
      ) : (
        <p className="chart-locked">
          <Icon name="lock" /> Charts and changes are part of Pro.
        </p>
      )}
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
        {props.pro && (
          <a href="https://www.tradingview.com/" {...OUTSIDE}>
            Charts: TradingView Lightweight Charts
          </a>
        )}
      </p>
    </section>
  );
}

/** What comes every five minutes is not live, however well it comes. */
function wordOf(row: Line['row'], state: LineState, mode: Mode): string {
  const isSnapshot = row !== null && modeOfRow(row, mode) === 'snapshot';
  return isSnapshot && state === 'live' ? '5-min snapshot' : labelState(state, mode);
}

const OUTSIDE = { target: '_blank', rel: 'noopener noreferrer' } as const;

function Changes({ row, view }: { row: NonNullable<Line['row']>; view: View }) {
  const changes = view.unit === 'usd' ? row.dUsd : row.d;
  const quadrant = quadrantOf(row, view.window);
  const i = WINDOWS.indexOf(view.window);
  return (
    <>
      <p className="changes">
        {WINDOWS.map((window, at) => (
          <span key={window}>
            <span className="muted">Δ {window}</span> <Change value={changes[at]} />
          </span>
        ))}
        <span className="muted">({view.unit === 'usd' ? 'USD' : 'contracts'})</span>
      </p>
      {quadrant && (
        <p className="reading">
          <b>{QUADRANT_LABELS[quadrant]}.</b> Price {formatChange(row.p[i])} and OI {formatChange(row.d[i])}
          {view.unit === 'usd' && ' in contracts'} in {view.window}: {explainQuadrant(quadrant)}
        </p>
      )}
    </>
  );
}
