import { useMemo, useRef } from 'react';
import { formatChange } from '../../kit/format.shared.ts';
import { baseOf } from '../alerts/feed.ts';
import { symbolPath } from '../symbolPath.ts';
import type { MarketPoint } from './market.ts';
import { layoutTreemap, type SymbolBox } from './treemapLayout.ts';
import { useRoving } from './useRoving.ts';
import { useSize } from './useMarket.ts';
import { describePoint } from './words.ts';

/** The largest share of a tile's colour that its change may have, percent, so that the text stays readable. */
const STRONGEST = 45;

/** Open interest as areas by sector; the colour is the change of it. */
export function Treemap({ points, window }: { points: readonly MarketPoint[]; window: string | null }) {
  const place = useRef<HTMLDivElement>(null);
  const size = useSize(place);
  const layout = useMemo(() => size && layoutTreemap(points, size), [points, size]);
  const bySymbol = useMemo(() => new Map(points.map((it) => [it.symbol, it])), [points]);
  const scale = useMemo(() => scaleOf(points), [points]);
  const roving = useRoving(layout?.symbols.map((it) => it.symbol) ?? []);
  const shown = bySymbol.get(roving.shown ?? '');
  return (
    <section className="market-panel" aria-labelledby="treemap-title">
      <h2 id="treemap-title">OI by sector{window && ` · ${window}`}</h2>
      <p className="market-readout">
        {shown
          ? describePoint(shown)
          : `Area: OI.${window ? ` Colour: ΔOI, full at ±${formatChange(scale).slice(1)}.` : ''}`}
      </p>
      <div
        ref={place}
        className="market-picture treemap"
        role="group"
        aria-label={`Open interest of ${points.length} symbols by sector`}
        {...roving.on}
      >
        {layout?.sectors.map(({ sector, left, top, width, height }) => (
          <div
            key={sector}
            className="treemap-sector"
            style={{ left, top, width, height }}
            aria-hidden="true"
          >
            {width > 40 && sector}
          </div>
        ))}
        {layout?.symbols.map((box) => (
          <Tile
            key={box.symbol}
            box={box}
            point={bySymbol.get(box.symbol)!}
            scale={scale}
            isStop={box.symbol === roving.stop}
          />
        ))}
      </div>
    </section>
  );
}

function Tile(props: { box: SymbolBox; point: MarketPoint; scale: number; isStop: boolean }) {
  const { left, top, width, height } = props.box;
  const { symbol, oi } = props.point;
  const base = baseOf(symbol);
  const hasName = height >= 16 && width >= 8 + 7 * base.length;
  return (
    <a
      className="treemap-tile"
      href={symbolPath(symbol)}
      data-symbol={symbol}
      tabIndex={props.isStop ? 0 : -1}
      style={{ left, top, width, height, background: colourOf(oi, props.scale) }}
    >
      <span className="sr-only">{describePoint(props.point)}</span>
      {hasName && <b aria-hidden="true">{base}</b>}
      {hasName && oi !== null && height >= 34 && width >= 52 && (
        <span aria-hidden="true">{formatChange(oi)}</span>
      )}
    </a>
  );
}

/** The change that has the full colour: nine of ten symbols change less. At least a basis point. */
function scaleOf(points: readonly MarketPoint[]): number {
  const sizes = points.flatMap(({ oi }) => (oi === null ? [] : [Math.abs(oi)])).toSorted((a, b) => a - b);
  return Math.max(1, sizes[Math.floor(sizes.length * 0.9)] ?? 0);
}

function colourOf(oi: number | null, scale: number): string {
  if (oi === null) return 'var(--raised)';
  const part = Math.round(STRONGEST * Math.min(1, Math.abs(oi) / scale));
  return `color-mix(in srgb, var(${oi < 0 ? '--down' : '--up'}) ${part}%, var(--raised))`;
}
