import type { IChartApi, Logical, Time } from 'lightweight-charts';

/** Shorter moves of the pointer are clicks, pixels. */
const SHORTEST_DRAG = 8;
/** Buckets that are shown at least. */
const FEWEST_BARS = 4;

/**
 * Zooms a chart to the range that a mouse drags over, by halves, and back to everything. With Shift a drag moves the
 * chart. `onChange`: whether less than everything is shown.
 */
export function createZoom(element: HTMLElement, chart: IChartApi, onChange: (isZoomed: boolean) => void) {
  const scale = chart.timeScale();
  const abort = new AbortController();
  const options = { signal: abort.signal };
  let isZoomed = false;

  function mark(next: boolean): void {
    isZoomed = next;
    onChange(next);
  }
  function show(from: number, to: number): void {
    const missing = Math.max(0, FEWEST_BARS - (to - from)) / 2;
    scale.setVisibleLogicalRange({ from: from - missing, to: to + missing });
    mark(true);
  }
  function reset(): void {
    scale.fitContent();
    mark(false);
  }

  listenToDrag(element, chart, { signal: abort.signal, onMove: () => mark(true), onRange: show });
  element.addEventListener('wheel', () => mark(true), { ...options, passive: true });
  element.addEventListener('touchmove', () => mark(true), { ...options, passive: true });
  element.addEventListener('dblclick', reset, options);
  // A resized window shows the same range, unless the viewer has moved or zoomed it.
  scale.subscribeSizeChange(() => {
    if (!isZoomed) scale.fitContent();
  });

  return {
    reset,
    /** `factor` 0.5 shows half as much, 2 twice as much. */
    by(factor: number) {
      const range = scale.getVisibleLogicalRange();
      if (range === null) return;
      const middle = (range.from + range.to) / 2;
      const half = ((range.to - range.from) * factor) / 2;
      show(middle - half, middle + half);
    },
    /** Moves what is shown to a time that is out of sight, by seconds. */
    reveal(time: number) {
      const range = isZoomed ? scale.getVisibleRange() : null;
      if (range === null) return;
      const [from, to] = [Number(range.from), Number(range.to)];
      if (from <= time && time <= to) return;
      const half = (to - from) / 2;
      scale.setVisibleRange({ from: (time - half) as Time, to: (time + half) as Time });
    },
    /** The times that are shown, if they are not all. */
    read: () => (isZoomed ? scale.getVisibleRange() : null),
    restore(range: ReturnType<typeof scale.getVisibleRange>) {
      if (range === null) return reset();
      scale.setVisibleRange(range);
      mark(true);
    },
    stop: () => abort.abort(),
  };
}

/** `onRange` with the first and the last bar that was dragged over; `onMove` when a drag moves the chart. */
function listenToDrag(
  element: HTMLElement,
  chart: IChartApi,
  given: { signal: AbortSignal; onMove: () => void; onRange: (from: number, to: number) => void },
): void {
  const { signal } = given;
  let box: HTMLElement | null = null;
  let startX = 0;

  function paneX(event: PointerEvent): number {
    const left = element.getBoundingClientRect().left + chart.priceScale('left').width();
    return Math.max(0, Math.min(event.clientX - left, chart.timeScale().width()));
  }
  function end(): void {
    box?.remove();
    box = null;
  }

  // Captured: the library reads its options when it handles the same event.
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType !== 'mouse' || event.button !== 0) return;
      const isPan = event.shiftKey;
      chart.applyOptions({ handleScroll: { pressedMouseMove: isPan } });
      if (isPan) return given.onMove();
      if (!isInPanes(element, chart, event)) return;
      startX = paneX(event);
      box = document.createElement('div');
      box.className = 'chart-selection';
      element.append(box);
    },
    { signal, capture: true },
  );
  window.addEventListener(
    'pointermove',
    (event) => {
      if (box === null) return;
      const x = paneX(event);
      box.style.left = `${Math.min(startX, x) + chart.priceScale('left').width()}px`;
      box.style.width = `${Math.abs(x - startX)}px`;
    },
    { signal },
  );
  window.addEventListener(
    'pointerup',
    (event) => {
      if (box === null) return;
      const x = paneX(event);
      end();
      if (Math.abs(x - startX) < SHORTEST_DRAG) return;
      const bars = [startX, x].map((it) => chart.timeScale().coordinateToLogical(it));
      const [from, to] = (bars as (Logical | null)[]).map(Number).toSorted((a, b) => a - b);
      given.onRange(from!, to!);
    },
    { signal },
  );
  window.addEventListener('pointercancel', end, { signal });
  signal.addEventListener('abort', end);
}

/** Not on the scales, which are dragged to stretch them. */
function isInPanes(element: HTMLElement, chart: IChartApi, { clientX, clientY }: PointerEvent): boolean {
  const { left, bottom } = element.getBoundingClientRect();
  const start = left + chart.priceScale('left').width();
  const scale = chart.timeScale();
  return clientX >= start && clientX <= start + scale.width() && clientY < bottom - scale.height();
}
