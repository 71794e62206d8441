import { useMemo, useRef } from 'react';
import { QUADRANTS, QUADRANT_LABELS } from '../board/quadrant.ts';
import { symbolPath } from '../symbolPath.ts';
import type { MarketPoint } from './market.ts';
import { MARGIN, layoutScatter, type Bubble, type ScatterLayout, type Size } from './scatterLayout.ts';
import { useRoving } from './useRoving.ts';
import { useSize } from './useMarket.ts';
import { describePoint } from './words.ts';

/** Price change × OI change of each symbol: filled where positions are opened, hollow where they are closed. */
export function Scatter({ points, window }: { points: readonly MarketPoint[]; window: string }) {
  const place = useRef<HTMLDivElement>(null);
  const size = useSize(place);
  const layout = useMemo(() => size && layoutScatter(points, size), [points, size]);
  const roving = useRoving(layout?.bubbles.map((it) => it.point.symbol) ?? []);
  const shown = points.find((it) => it.symbol === roving.shown);
  return (
    <section className="market-panel" aria-labelledby="scatter-title">
      <h2 id="scatter-title">Price × OI · {window}</h2>
      <p className="market-readout">
        {shown
          ? describePoint(shown)
          : 'Right: price up. Top: OI up. Size: ΔUSD. Scales bend where changes are large.'}
      </p>
      <div ref={place} className="market-picture">
        {size && layout && (
          <svg
            width={size.width}
            height={size.height}
            role="group"
            aria-label={`Price change and OI change of ${layout.bubbles.length} symbols in ${window}`}
            {...roving.on}
          >
            <Axes layout={layout} size={size} />
            {layout.bubbles.map((it) => (
              <Point key={it.point.symbol} bubble={it} isStop={it.point.symbol === roving.stop} />
            ))}
            {layout.labels.map((it) => (
              <text
                key={it.symbol}
                x={it.x}
                y={it.y}
                dy="0.35em"
                className="scatter-label"
                aria-hidden="true"
              >
                {it.text}
              </text>
            ))}
          </svg>
        )}
      </div>
      <ul className="market-legend">
        {QUADRANTS.map((it) => (
          <li key={it}>
            <svg width="12" height="12" aria-hidden="true">
              <circle cx="6" cy="6" r="4.5" className={`bubble is-${it}`} />
            </svg>
            {QUADRANT_LABELS[it]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Point({ bubble: { point, x, y, radius }, isStop }: { bubble: Bubble; isStop: boolean }) {
  return (
    <a
      href={symbolPath(point.symbol)}
      data-symbol={point.symbol}
      tabIndex={isStop ? 0 : -1}
      aria-label={describePoint(point)}
    >
      <circle cx={x} cy={y} r={radius} className={`bubble is-${point.quadrant ?? 'mixed'}`} />
    </a>
  );
}

function Axes(props: { layout: ScatterLayout; size: Size }) {
  const { xTicks, yTicks } = props.layout;
  const { width, height } = props.size;
  const bottom = height - MARGIN.bottom;
  const right = width - MARGIN.right;
  return (
    <g className="axes" aria-hidden="true">
      {xTicks.map(({ at, label }) => (
        <g key={label}>
          <line x1={at} x2={at} y1={MARGIN.top} y2={bottom} />
          <text x={at} y={height - 8} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
      {yTicks.map(({ at, label }) => (
        <g key={label}>
          <line x1={MARGIN.left} x2={right} y1={at} y2={at} />
          <text x={MARGIN.left - 6} y={at} dy="0.35em" textAnchor="end">
            {label}
          </text>
        </g>
      ))}
    </g>
  );
}
