import { useQuery } from '@tanstack/react-query';
import { useMemo, useState, type ComponentProps } from 'react';
import { formatExact, formatPrice } from '../../kit/format.shared.ts';
import type { HistoryBody } from '../../openInterest/history/history.types.ts';
import { RANGES, shownRange, toRange } from '../board/view.ts';
import { ApiError } from '../live/api.ts';
import { Button, TextButton } from '../shell/Button.tsx';
import { useDashboard, useSettings, useView } from '../shell/useDashboard.ts';
import type { HeldRow } from '../../client/sync.types.ts';
import { DataTable } from './DataTable.tsx';
import { CHART_RANGES, firingsQuery, historyQuery, type ChartFiring, type ChartStyle } from './history.ts';
import { HistoryFacts } from './HistoryFacts.tsx';
import { HistoryChart } from './lazyChart.tsx';

/** The history of one symbol as a chart or a table, with its gaps and alerts. */
export function HistorySection(props: { symbol: string; row: HeldRow | null; style: ChartStyle }) {
  const { symbol, row, style } = props;
  const range = useView(shownRange);
  const [asTable, setAsTable] = useState(false);
  const [pointed, setPointed] = useState<string | null>(null);
  const opened = useView((it) => it.alert);
  const alert = pointed ?? opened;
  const query = useQuery(historyQuery(symbol, range, style));
  const firings = useFiringsIn(query.data);
  const { data, isFetching, refetch } = query;

  return (
    <section className="history" aria-label="History">
      <Tools asTable={asTable} onTable={setAsTable} />
      {query.isPending && (
        <p className="chart-note slow">
          Loading {CHART_RANGES[range].words} of {symbol}…
        </p>
      )}
      {query.isError && (
        <p className="chart-note" role="alert">
          History could not be loaded ({describeFailure(query.error)}).{' '}
          <TextButton onClick={() => void refetch()}>Try again</TextButton>
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
            style={style}
            firings={firings}
            asTable={asTable}
            alert={alert}
            onSilence={() => void (isFetching || refetch())}
          />
          <HistoryFacts history={data} firings={firings} alert={alert} onPoint={setPointed} />
        </>
      )}
    </section>
  );
}

const NO_FIRINGS: readonly ChartFiring[] = [];

/** What the viewer's own rules fired within the history. The chart is drawn without it until it is known. */
function useFiringsIn(history: HistoryBody | undefined): readonly ChartFiring[] {
  const { data } = useQuery({ ...firingsQuery(history?.symbol ?? ''), enabled: history !== undefined });
  return useMemo(
    () => (history && data?.filter(({ firedAt }) => firedAt >= history.from * 1_000)) ?? NO_FIRINGS,
    [history, data],
  );
}

function Tools({ asTable, onTable }: { asTable: boolean; onTable: (asTable: boolean) => void }) {
  const { change } = useDashboard().view;
  const range = useView(shownRange);
  const unit = useView((it) => it.unit);
  return (
    <div className="drawer-tools">
      <div className="segments" role="group" aria-label="Range">
        {RANGES.map((it) => (
          <button key={it} type="button" aria-pressed={it === range} onClick={() => change(toRange(it))}>
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
      <Button aria-pressed={asTable} onClick={() => onTable(!asTable)}>
        Data table
      </Button>
    </div>
  );
}

type HistoryProps = Omit<ComponentProps<typeof HistoryChart>, 'unit' | 'range' | 'look'>;

function History(props: HistoryProps & { asTable: boolean }) {
  const look = useSettings((it) => it);
  const unit = useView((it) => it.unit);
  const range = useView(shownRange);
  if (!props.asTable) return <HistoryChart {...props} {...{ unit, range, look }} />;
  const { symbol, t, oi, usd, mark } = props.history;
  return (
    <DataTable
      label={`History of ${symbol} as a table`}
      columns={['OI', 'OI (USD)', 'Mark']}
      rows={t.map((sec, i) => [sec * 1_000, formatExact(oi[i]), formatExact(usd[i]), formatPrice(mark[i])])}
      zone={look.zone}
    />
  );
}

function describeFailure(thrown: unknown): string {
  if (thrown instanceof ApiError) return thrown.status === null ? thrown.message : `HTTP ${thrown.status}`;
  return String(thrown);
}
