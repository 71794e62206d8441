import { deflateRawSync } from 'node:zlib';
import { encodeUpdate } from '../src/openInterest/board/frames.shared.ts';
import { median } from './figures.ts';
import { fillDay, sampleNext, type FilledBoard } from './rowBoards.ts';

/**
 * What one window costs as a board grows, from its samples to the deflated frame 2, when one symbol changes and when all do:
 * both must follow what changed, and not the size of the board. Boards of all sizes take turns.
 */
const SIZES = [343, 1_000, 2_500, 5_000] as const;
const ROUNDS = 15;

type Cost = { us: number; bytes: number; deflatedBytes: number };

export type GrowthFigures = {
  sizes: { symbols: number; one: Cost; all: Cost }[];
  /** The largest board beside the smallest: a window of one symbol, and a row of a window of all. */
  oneUsRatio: number;
  oneBytesRatio: number;
  allUsPerRowRatio: number;
  allBytesPerRowRatio: number;
};

export function measureGrowth(): GrowthFigures {
  const boards = SIZES.map((symbols) => fillDay(symbols));
  const rounds = Array.from({ length: ROUNDS }, (_, round) =>
    boards.map((it) => ({ one: runWindow(it, 1, round), all: runWindow(it, it.symbols, round) })),
  );
  const costOf = (size: number, kind: 'one' | 'all'): Cost => {
    const of = (key: keyof Cost) => median(rounds.map((round) => round[size]![kind][key]));
    return { us: of('us'), bytes: of('bytes'), deflatedBytes: of('deflatedBytes') };
  };
  const sizes = SIZES.map((symbols, i) => ({ symbols, one: costOf(i, 'one'), all: costOf(i, 'all') }));
  const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
  const grown = largest.symbols / smallest.symbols;
  return {
    sizes,
    oneUsRatio: largest.one.us / smallest.one.us,
    oneBytesRatio: largest.one.deflatedBytes / smallest.one.deflatedBytes,
    allUsPerRowRatio: largest.all.us / smallest.all.us / grown,
    allBytesPerRowRatio: largest.all.deflatedBytes / smallest.all.deflatedBytes / grown,
  };
}

export function describeGrowth(figures: GrowthFigures): string[] {
  const cost = ({ us, bytes, deflatedBytes }: Cost) =>
    `${us.toFixed(0).padStart(9)} µs ${String(bytes).padStart(8)} B ${String(deflatedBytes).padStart(7)} B deflated`;
  return [
    `A window of a growing board, medians of ${ROUNDS} rounds`,
    `  ${'symbols'.padStart(7)}  ${'one changes'.padEnd(40)} all change`,
    ...figures.sizes.map(
      ({ symbols, one, all }) => `  ${String(symbols).padStart(7)} ${cost(one)} ${cost(all)}`,
    ),
    `  largest beside smallest: one changes, time ${figures.oneUsRatio.toFixed(2)}, bytes ${figures.oneBytesRatio.toFixed(2)}; ` +
      `all change, a row, time ${figures.allUsPerRowRatio.toFixed(2)}, bytes ${figures.allBytesPerRowRatio.toFixed(2)}`,
  ];
}

/** Applies `changed` new samples and encodes the window that they make. */
function runWindow(it: FilledBoard, changed: number, round: number): Cost {
  const samples = sampleNext(it, changed, round);
  const startedAt = performance.now();
  for (const sample of samples) it.board.apply(sample, 'poller');
  const { entered, newFacts, ...window } = it.board.closeWindow();
  const times = { asOf: it.now, serverTime: it.now };
  const ids = it.board.ids();
  const encoded = JSON.stringify(encodeUpdate({ ...window, ...times }, { entered, newFacts, ids }));
  const deflated = deflateRawSync(encoded);
  return {
    us: (performance.now() - startedAt) * 1_000,
    bytes: Buffer.byteLength(encoded),
    deflatedBytes: deflated.length,
  };
}
