import { useDeferredValue, useMemo } from 'react';
import { useStore } from 'zustand';
import {
  formatContracts,
  formatCount,
  formatCountOf,
  formatPrice,
  formatUsd,
} from '../../kit/format.shared.ts';
import type { Mode } from '../../openInterest/openInterest.types.ts';
import { AgeText, ageOf } from '../board/AgeText.tsx';
import { stateOfLine } from '../board/lines.ts';
import { SymbolName } from '../board/SymbolName.tsx';
import type { HeldBoard, HeldRow } from '../../client/sync.types.ts';
import { matches } from './debugView.ts';
import { FilterChip, Nothing, Panel, ViewLink } from './Panel.tsx';
import { useConsole, useDebugView, useServerNow } from './useConsole.ts';
import { VirtualRows } from './VirtualRows.tsx';
import { formatIso } from '../timeOfDay.ts';

/** The rows that dashboards receive over the socket. */
export function ValuesPanel({ down }: { down: boolean }) {
  const operator = useConsole();
  const board = useStore(operator.live.store, (it) => it.sync.board);
  const { gaps } = useStore(operator.gaps);
  const now = useServerNow();
  const { view } = useDebugView();
  const query = useDeferredValue(view.query);
  const rows = useMemo(() => selectRows(board), [board]);
  const changed = rows.filter((row) => row.seq === board?.seq);
  const shown = (view.values === 'changed' ? changed : rows).filter((row) => matches(row.symbol, query));
  return (
    <Panel
      id="values"
      title="Streaming values"
      count={formatCount(rows.length)}
      all={{ values: 'all', query: '' }}
      aside={<FilterChip panel="values" word="changed last" />}
    >
      {board && (
        <p className="muted">
          seq {board.seq} · epoch <span title={board.epoch}>{board.epoch.slice(0, 6)}</span> ·{' '}
          <ViewLink shows={{ values: 'changed' }} panel="values" title="Rows that the last window carried">
            {formatCount(changed.length)} changed
          </ViewLink>{' '}
          · {formatCountOf(gaps, 'gap')} seen
        </p>
      )}
      {board === null && (
        <Nothing>{down ? 'No values: the socket is down.' : 'Waiting for the board…'}</Nothing>
      )}
      {board && shown.length === 0 && (
        <Nothing>{rows.length === 0 ? 'The board is empty.' : 'No symbol matches.'}</Nothing>
      )}
      {shown.length > 0 && (
        <VirtualRows
          label={`${formatCount(shown.length)} streaming values`}
          items={shown}
          keyOf={(row) => row.symbol}
          render={(row) => (
            <Value
              row={row}
              now={now}
              mode={board?.facts.mode ?? 'realtime'}
              isNew={row.seq === board?.seq}
            />
          )}
        />
      )}
    </Panel>
  );
}

/** Largest first, as on the dashboard; rows without a price are last. */
function selectRows(board: HeldBoard | null): HeldRow[] {
  return [...(board?.rows.values() ?? [])].toSorted(
    (a, b) => (b.openInterestUsd ?? -1) - (a.openInterestUsd ?? -1) || (a.symbol < b.symbol ? -1 : 1),
  );
}

function Value(props: { row: HeldRow; now: number; mode: Mode; isNew: boolean }) {
  const { row, now, mode, isNew } = props;
  const moment = formatIso(row.ts);
  const line = { symbol: row.symbol, row };
  return (
    <span className={`value-row ${isNew ? 'is-new' : ''}`} title={`${moment}, window ${row.seq}`}>
      <SymbolName symbol={row.symbol} />
      <span className="num">{formatContracts(row.openInterest)}</span>
      <span className="num">{formatUsd(row.openInterestUsd)}</span>
      <span className="num muted">{formatPrice(row.markPrice)}</span>
      <span className="muted cut">{row.source}</span>
      <span className="num">
        <AgeText line={line} state={stateOfLine(line, now, mode)} age={ageOf(line, now)} mode={mode} />
      </span>
    </span>
  );
}
