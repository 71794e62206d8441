import { lazyPart } from '../shell/lazyPart.tsx';
import './chart.css';

/** The chart of a symbol, whose library is loaded on demand. */
export const HistoryChart = lazyPart(
  async () => (await import('./HistoryChart.tsx')).HistoryChart,
  (message) => message ?? <p className="chart-note slow">Loading the chart…</p>,
);
