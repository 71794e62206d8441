import type { Page } from 'playwright-core';

export type Ink = {
  /** Columns of pixels, from the left, in which the colour was found. */
  columns: number[];
  /** From the first to the last of them. */
  span: number;
  /** Columns between them without the colour. */
  gaps: { from: number; width: number }[];
};

const TOLERANCE = 24;

/** Where a colour stands in the upper pane of the chart: its canvases laid over one another, in CSS pixels. */
export async function readInk(page: Page, colour: readonly [number, number, number]): Promise<Ink> {
  const columns = await page.locator('.chart').evaluate(
    (chart, { wanted, tolerance }) => {
      const found = new Set<number>();
      // Reading a canvas again and again makes the browser complain; a copy may be read.
      const copyOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
        const copy = Object.assign(document.createElement('canvas'), {
          width: canvas.width,
          height: canvas.height,
        });
        const context = copy.getContext('2d', { willReadFrequently: true })!;
        context.drawImage(canvas, 0, 0);
        return context;
      };
      const canvases = [...chart.querySelectorAll('canvas')];
      const paneWidth = Math.max(...canvases.map((it) => it.clientWidth));
      for (const canvas of canvases) {
        // The scales at the sides and below show the last value in the same colour.
        const { height } = canvas.getBoundingClientRect();
        if (canvas.width === 0 || canvas.clientWidth < paneWidth || height < 100) continue;
        const { data, width } = copyOf(canvas).getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) {
          const isWanted =
            data[i + 3]! > 128 &&
            wanted.every((part, channel) => Math.abs(part - data[i + channel]!) <= tolerance);
          if (isWanted) found.add(Math.floor((((i / 4) % width) / width) * canvas.clientWidth));
        }
      }
      return [...found].toSorted((a, b) => a - b);
    },
    { wanted: colour, tolerance: TOLERANCE },
  );
  const gaps = columns.flatMap((column, i) => {
    const width = column - (columns[i - 1] ?? column) - 1;
    return width > 0 ? [{ from: columns[i - 1]! + 1, width }] : [];
  });
  return { columns, gaps, span: (columns.at(-1) ?? 0) - (columns[0] ?? 0) };
}
