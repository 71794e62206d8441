import { hierarchy, treemap, type HierarchyRectangularNode } from 'd3-hierarchy';
import { groupBySector, type MarketPoint } from './market.ts';
import type { Size } from './scatterLayout.ts';

type Box = { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
type SectorBox = Box & { readonly sector: string };
export type SymbolBox = Box & { readonly symbol: string };
export type TreemapLayout = {
  readonly sectors: readonly SectorBox[];
  readonly symbols: readonly SymbolBox[];
};

type Node = { readonly name: string; readonly usd?: number; readonly children?: readonly Node[] };

/** Room for a sector's name. */
const HEAD = 18;

/** Areas by open interest, grouped by each symbol's first sector; pixels. */
export function layoutTreemap(points: readonly MarketPoint[], { width, height }: Size): TreemapLayout {
  const market: Node = {
    name: '',
    children: Array.from(
      groupBySector(points, (it) => [it.sectors[0]!]),
      ([name, members]) => ({
        name,
        children: members.map(({ symbol, usd }) => ({ name: symbol, usd })),
      }),
    ),
  };
  const place = treemap<Node>()
    .size([width, height])
    .paddingTop((it) => (it.depth === 1 ? HEAD : 0))
    .paddingInner(1)
    .round(true);
  const root = place(
    hierarchy(market)
      .sum((it) => it.usd ?? 0)
      .sort((a, b) => b.value! - a.value!),
  );
  const groups = root.children ?? [];
  return {
    sectors: groups.map((it) => ({ sector: it.data.name, ...boxOf(it) })),
    symbols: groups.flatMap((group) => group.leaves().map((it) => ({ symbol: it.data.name, ...boxOf(it) }))),
  };
}

function boxOf({ x0, x1, y0, y1 }: HierarchyRectangularNode<Node>): Box {
  return { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
}
