import { splitSymbol } from '../alerts/feed.ts';
import { ageOf, useLineState } from '../board/AgeText.tsx';
import { Change } from '../board/Change.tsx';
import { capShareOf, formatCapShare } from '../board/marketCap.ts';
import { fundingIn, HOURS_A_YEAR, nextFundingAt } from '../board/funding.ts';
import { labelState, modeOfRow } from '../board/lines.ts';
import { changeIn } from '../../openInterest/board/windows.shared.ts';
import { QUADRANT_LABELS, WINDOWS, quadrantOf } from '../board/quadrant.ts';
import { explainQuadrant } from '../board/readings.ts';
import {
  describeFunding,
  formatAge,
  formatFraction,
  formatChange,
  formatExact,
  formatFunding,
  formatContracts,
  formatPrice,
  formatUsd,
} from '../../kit/format.shared.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { Button } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { useBoard, useDashboard, useView } from '../shell/useDashboard.ts';
import { stepSymbol } from './openSymbol.ts';

/** To the symbols before and after it in the order of the table. */
export function StepButtons() {
  const dashboard = useDashboard();
  return (
    <>
      <Button className="quiet" aria-label="Previous symbol" onClick={() => stepSymbol(dashboard, -1)}>
        <Icon name="left" />
      </Button>
      <Button className="quiet" aria-label="Next symbol" onClick={() => stepSymbol(dashboard, 1)}>
        <Icon name="right" />
      </Button>
    </>
  );
}

/** In place of what Free does not see. */
export function Locked() {
  return (
    <p className="chart-locked">
      <Icon name="lock" /> Charts, changes and positioning are part of Pro.
    </p>
  );
}

export function StateWord(line: { symbol: string; row: HeldRow | null }) {
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

export function Figures({ row }: { row: HeldRow }) {
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
      <MarketCap row={row} />
      {row.sectors && row.sectors.length > 0 && (
        <div>
          <dt>Sector</dt>
          <dd>{row.sectors.join(', ')}</dd>
        </div>
      )}
      {row.fundingRate !== null && <Funding rate={row.fundingRate} hours={row.fundingHours ?? null} />}
    </dl>
  );
}

function MarketCap({ row }: { row: HeldRow }) {
  const share = capShareOf(row);
  if (share === null) return null;
  const { supply, markPrice } = row;
  return (
    <div>
      <dt>OI/Cap</dt>
      <dd title={`${formatExact(supply)} ${splitSymbol(row.symbol).base} in circulation`}>
        {formatCapShare(share)}
        <small>
          of {formatUsd(supply! * markPrice!)}, {formatContracts(supply)} in circulation
        </small>
      </dd>
    </div>
  );
}

function Funding({ rate, hours }: { rate: number; hours: number | null }) {
  const wait = useBoard((it) => (hours === null ? null : formatAge(nextFundingAt(it.now, hours) - it.now)));
  return (
    <div>
      <dt>Funding</dt>
      <dd title={describeFunding(rate, hours)}>
        {formatFunding(rate)}
        {hours !== null && (
          <small>
            every {hours}h, next in {wait} ·{' '}
            {formatFraction(fundingIn({ fundingRate: rate, fundingHours: hours }, HOURS_A_YEAR))} a year
          </small>
        )}
      </dd>
    </div>
  );
}

/** Realtime boards alone have changes. */
export function Changes({ row }: { row: HeldRow }) {
  const unit = useView((it) => it.unit);
  const period = useView((it) => it.window);
  const quadrant = quadrantOf(row, period);
  return (
    <>
      <p className="changes">
        {WINDOWS.map((window) => (
          <span key={window}>
            <span className="muted">Δ {window}</span>{' '}
            <Change value={changeIn(row, unit === 'usd' ? 'dUsd' : 'd', window)} />
          </span>
        ))}
        <span className="muted">({unit === 'usd' ? 'USD' : 'contracts'})</span>
      </p>
      {quadrant && (
        <p className="reading">
          <b>{QUADRANT_LABELS[quadrant]}.</b> Price {formatChange(changeIn(row, 'p', period))} and OI{' '}
          {formatChange(changeIn(row, 'd', period))}
          {unit === 'usd' && ' in contracts'} in {period}: {explainQuadrant(quadrant)}
        </p>
      )}
    </>
  );
}
