import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { RANGES } from '../board/view.ts';
import { ApiError } from '../live/api.ts';
import { lazyPart } from '../shell/lazyPart.tsx';
import { useDashboard, useSettings, useView } from '../shell/useDashboard.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { DataTable } from './DataTable.tsx';
import { RANGE_WORDS, readHistory } from './history.ts';
import { HistoryFacts } from './HistoryFacts.tsx';
import { HOUR_MS } from '../timeOfDay.ts';

const HistoryChart = lazyPart(
  async () => (await import('./HistoryChart.tsx')).HistoryChart,
  (message) => message ?? <p className="chart-note slow">Loading the chart…</p>,
);

const RETRY_MS = 5_000;

/** The history of one symbol as a chart or a table, with its gaps and alerts. */
export function HistorySection({ symbol, row }: { symbol: string; row: HeldRow | null }) {
  const range = useView((it) => it.range);
  const [asTable, setAsTable] = useState(false);
  const [pointed, setPointed] = useState<string | null>(null);
  const opened = useView((it) => it.alert);
  const alert = pointed ?? opened;
  const query = useQuery({
    queryKey: ['history', symbol, range],
    queryFn: ({ signal }) => readHistory(symbol, range, signal),
    // The chart appends live samples; after an hour of them it reads the history again, and soon after a failure.
    refetchInterval: ({ state }) => (state.status === 'error' ? RETRY_MS : HOUR_MS),
  });
  const { data, isFetching, refetch } = query;

  return (
    <section aria-label="History">
      <Tools asTable={asTable} onTable={setAsTable} />
      {query.isPending && (
        <p className="chart-note slow">
          Loading {RANGE_WORDS[range]} of {symbol}…
        </p>
      )}
      {query.isError && (
        <p className="chart-note" role="alert">
          History could not be loaded ({describeFailure(query.error)}).{' '}
          <button type="button" className="link" onClick={() => void refetch()}>
            Try again
          </button>
        </p>
      )}
      {data && data.t.length === 0 && (
        <p className="chart-note">
          No history for {symbol} yet. The first point appears after the next poll.
        </p>
      )}
      {data && data.t.length > 0 && (
        <>
          <History
            history={data}
            row={row}
            asTable={asTable}
            alert={alert}
            onSilence={() => void (isFetching || refetch())}
          />
          <HistoryFacts history={data} alert={alert} onPoint={setPointed} />
        </>
      )}
    </section>
  );
}

function Tools({ asTable, onTable }: { asTable: boolean; onTable: (asTable: boolean) => void }) {
  const { change } = useDashboard().view;
  const range = useView((it) => it.range);
  const unit = useView((it) => it.unit);
  return (
    <div className="drawer-tools">
      <div className="segments" role="group" aria-label="Range">
        {RANGES.map((it) => (
          <button key={it} type="button" aria-pressed={it === range} onClick={() => change({ range: it })}>
            {it}
          </button>
        ))}
      </div>
      <div className="segments" role="group" aria-label="Unit">
        {(['usd', 'contracts'] as const).map((it) => (
          <button key={it} type="button" aria-pressed={it === unit} onClick={() => change({ unit: it })}>
            {it === 'usd' ? 'USD' : 'Contracts'}
          </button>
        ))}
      </div>
      <button type="button" className="button" aria-pressed={asTable} onClick={() => onTable(!asTable)}>
        Data table
      </button>
    </div>
  );
}

function History(props: {
  history: HistoryBody;
  row: HeldRow | null;
  asTable: boolean;
  alert: string | null;
  onSilence: () => void;
}) {
  const zone = useSettings((it) => it.zone);
  if (props.asTable) return <DataTable history={props.history} zone={zone} />;
  return <HistoryChart {...props} />;
}

function describeFailure(thrown: unknown): string {
  if (thrown instanceof ApiError) return thrown.status === null ? thrown.message : `HTTP ${thrown.status}`;
  return String(thrown);
}
