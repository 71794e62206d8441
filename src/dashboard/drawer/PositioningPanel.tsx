import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatAge, formatCount, formatExact, formatUsd } from '../../kit/format.shared.ts';
import type { PositioningBody, PositioningPoint } from '../../openInterest/positioning/positioning.types.ts';
import { linePath } from '../board/spark.ts';
import { Button, TextButton } from '../shell/Button.tsx';
import { TableHead } from '../shell/TableHead.tsx';
import { useBoard, useSettings } from '../shell/useDashboard.ts';
import { formatMoment, type ClockZone } from '../timeOfDay.ts';
import { DataTable } from './DataTable.tsx';
import {
  describeLine,
  describeRatio,
  linesOf,
  longShareOf,
  positioningQuery,
  sumLiquidations,
  type PositioningLine,
} from './positioning.ts';
import './positioning.css';

const MINUTE_MS = 60_000;
/** The exchange publishes a point every five minutes. */
const OLD_MS = 15 * MINUTE_MS;
const WIDTH = 160;
const HEIGHT = 24;

/** What traders of a symbol hold and were forced to close, read while it is open. */
export function PositioningPanel({ symbol }: { symbol: string }) {
  const { data, isPending, isError, refetch } = useQuery(positioningQuery(symbol));
  const now = useBoard((it) => it.now - (it.now % MINUTE_MS));
  const zone = useSettings((it) => it.zone);
  return (
    <>
      {isPending && <p className="chart-note slow">Loading the positioning of {symbol}…</p>}
      {isError && (
        <p className="chart-note" role="alert">
          Positioning could not be loaded. <TextButton onClick={() => void refetch()}>Try again</TextButton>
        </p>
      )}
      {data && <Positioning body={data} now={now} zone={zone} />}
    </>
  );
}

/** `now`: epoch ms. */
export function Positioning({ body, now, zone }: { body: PositioningBody; now: number; zone: ClockZone }) {
  const { symbol, points, liquidations } = body;
  const newest = points.at(-1);
  return (
    <>
      {newest ? (
        <Ratios points={points} newest={newest} now={now} zone={zone} />
      ) : (
        <p className="muted">
          No ratios of {symbol} yet. They are read within seconds after a symbol is opened, if the exchange
          has them.
        </p>
      )}
      <Liquidations minutes={liquidations} now={now} />
      {newest && <Points symbol={symbol} points={points} zone={zone} />}
    </>
  );
}

function Ratios(props: {
  points: readonly PositioningPoint[];
  newest: PositioningPoint;
  now: number;
  zone: ClockZone;
}) {
  const { points, newest, now, zone } = props;
  const ageMs = now - newest.ts;
  return (
    <>
      <p className="muted">
        Longs over shorts, with the share of longs, in the last 24 hours. As of{' '}
        {formatMoment(newest.ts, zone)}
        {ageMs > OLD_MS && <span className="positioning-old"> · {formatAge(ageMs)} old</span>}
      </p>
      <dl className="positioning-lines">
        {linesOf(points).map((line) => (
          <Line key={line.label} line={line} />
        ))}
      </dl>
    </>
  );
}

function Line({ line }: { line: PositioningLine }) {
  const newest = line.values.findLast((it) => it !== null) ?? null;
  return (
    <div>
      <dt>{line.label}</dt>
      <dd>
        <b>{describeRatio(newest)}</b>
        {newest !== null && (
          <svg
            viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
            width={WIDTH}
            height={HEIGHT + 2}
            role="img"
            aria-label={describeLine(line)}
          >
            <path d={linePath(line.values, WIDTH, HEIGHT)} />
          </svg>
        )}
      </dd>
    </div>
  );
}

function Liquidations({ minutes, now }: { minutes: PositioningBody['liquidations']; now: number }) {
  return (
    <table className="positioning-table">
      <caption>Liquidations (the exchange publishes at most one a second)</caption>
      <TableHead names={['Last', 'Longs', 'Shorts', 'Share of longs']} />
      <tbody>
        {sumLiquidations(minutes, now).map((sum) => (
          <tr key={sum.hours}>
            <th scope="row">{sum.hours}h</th>
            <td>
              {formatUsd(sum.longUsd)} in {formatCount(sum.longs)}
            </td>
            <td>
              {formatUsd(sum.shortUsd)} in {formatCount(sum.shorts)}
            </td>
            <td>{longShareOf(sum)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Every point as the exchange reported it, the newest first. */
function Points(props: { symbol: string; points: readonly PositioningPoint[]; zone: ClockZone }) {
  const { symbol, points, zone } = props;
  const [isShown, setIsShown] = useState(false);
  return (
    <>
      <Button aria-pressed={isShown} onClick={() => setIsShown(!isShown)}>
        Positioning table
      </Button>
      {isShown && (
        <DataTable
          label={`Positioning of ${symbol} as a table`}
          columns={['Positions', 'Accounts', 'All', 'Bought', 'Sold']}
          rows={points.map((it) => [
            it.ts,
            formatExact(it.topPositions),
            formatExact(it.topAccounts),
            formatExact(it.accounts),
            formatExact(it.takerBought),
            formatExact(it.takerSold),
          ])}
          zone={zone}
        />
      )}
    </>
  );
}
