import { median } from './figures.ts';
import { fillDay, sampleNext, type FilledBoard } from './rowBoards.ts';

/**
 * What one changed row costs, from the sample to the bytes of the window: merge, series, changes, encoding. Boards of
 * different sizes with a day in memory take turns, so that their ratio shows whether cost follows what changed.
 */
const SIZES = [343, 5_000] as const;
const ROUNDS = 15;
/** Rows of a window in which little changes. */
const FEW = 1;
type Window = { us: number; bytes: number };

export type RowFigures = {
  usPerRowOf343: number;
  usPerRowOf5000: number;
  /** The price of a row in a large board against a small one. */
  rowRatio: number;
  usOneOf343: number;
  usOneOf5000: number;
  bytesOneOf343: number;
  bytesOneOf5000: number;
};

export function measureRows(): RowFigures {
  const [small, large] = SIZES.map((symbols) => fillDay(symbols)) as [FilledBoard, FilledBoard];
  const rounds = Array.from({ length: ROUNDS }, (_, round) => ({
    smallAll: runWindow(small, small.symbols, round),
    largeAll: runWindow(large, large.symbols, round),
    smallOne: runWindow(small, FEW, round),
    largeOne: runWindow(large, FEW, round),
  }));
  const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick));
  return {
    usPerRowOf343: of((it) => it.smallAll.us / small.symbols),
    usPerRowOf5000: of((it) => it.largeAll.us / large.symbols),
    rowRatio: of((it) => it.largeAll.us / large.symbols / (it.smallAll.us / small.symbols)),
    usOneOf343: of((it) => it.smallOne.us),
    usOneOf5000: of((it) => it.largeOne.us),
    bytesOneOf343: of((it) => it.smallOne.bytes),
    bytesOneOf5000: of((it) => it.largeOne.bytes),
  };
}

export function describeRows(figures: RowFigures): string[] {
  const us = (value: number) => `${value.toFixed(1)} µs`.padStart(10);
  return [
    `One changed row with a day in memory, medians of ${ROUNDS} rounds      343 symbols   5,000 symbols`,
    `  all symbols change, a row                    ${us(figures.usPerRowOf343)}      ${us(figures.usPerRowOf5000)}   ratio ${figures.rowRatio.toFixed(2)}`,
    `  one symbol changes, the window               ${us(figures.usOneOf343)}      ${us(figures.usOneOf5000)}`,
    `  one symbol changes, bytes of the window      ${String(figures.bytesOneOf343).padStart(7)} B      ${String(figures.bytesOneOf5000).padStart(7)} B`,
  ];
}

/** Applies `changed` new samples and encodes the window that they make. */
function runWindow(it: FilledBoard, changed: number, round: number): Window {
  const samples = sampleNext(it, changed, round);
  const startedAt = performance.now();
  for (const sample of samples) it.board.apply(sample, 'poller');
  const { epoch, from, seq, rows } = it.board.closeWindow();
  const encoded = JSON.stringify({ epoch, from, seq, rows });
  return { us: (performance.now() - startedAt) * 1_000, bytes: Buffer.byteLength(encoded) };
}
