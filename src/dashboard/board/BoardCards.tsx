import { useRef, type ReactNode } from 'react';
import { formatPrice, formatUsd } from '../../kit/format.shared.ts';
import { AgeText } from './AgeText.tsx';
import { Change } from './Change.tsx';
import { CHANGE_INDEX } from './columns.ts';
import { stateOfLine, type Line } from './lines.ts';
import { QUADRANT_LABELS, WINDOWS, quadrantOf } from './quadrant.ts';
import { SymbolName } from './SymbolName.tsx';
import type { BoardModel } from './useBoard.ts';
import { useRowWindow } from './useRowWindow.ts';
import type { View } from './view.ts';

const CARD_HEIGHT = 70;

/** The board where a table does not fit: a card a symbol, with the figure that it is sorted by. */
export function BoardCards(props: {
  model: BoardModel;
  view: View;
  changes: boolean;
  onOpen: (symbol: string) => void;
  empty: ReactNode;
}) {
  const { model } = props;
  const { lines } = model;
  const list = useRef<HTMLDivElement>(null);
  const rows = useRowWindow({
    element: list,
    inner: false,
    count: lines.length,
    rowHeight: CARD_HEIGHT,
    covered: 0,
  });

  if (lines.length === 0) return <div className="board-empty">{props.empty}</div>;
  return (
    <div
      ref={list}
      id="table"
      tabIndex={-1}
      className="cards"
      role="list"
      style={{ height: lines.length * CARD_HEIGHT }}
    >
      {lines.slice(rows.from, rows.to).map((line, i) => (
        <div
          key={line.symbol}
          role="listitem"
          aria-setsize={lines.length}
          aria-posinset={rows.from + i + 1}
          className="card-place"
          style={{ transform: `translateY(${(rows.from + i) * CARD_HEIGHT}px)` }}
        >
          <Card line={line} {...props} />
        </div>
      ))}
    </div>
  );
}

function Card(props: {
  line: Line;
  model: BoardModel;
  view: View;
  changes: boolean;
  onOpen: (symbol: string) => void;
}) {
  const { line, model, view, changes } = props;
  const { row, symbol } = line;
  const state = stateOfLine(line, model.tableNow, model.mode);
  const index = CHANGE_INDEX[view.sort.key] ?? 0;
  const quadrant = quadrantOf(row, view.window);
  return (
    <button
      type="button"
      className={`card is-${state}`}
      data-symbol={symbol}
      aria-current={view.symbol === symbol}
      onClick={() => props.onOpen(symbol)}
    >
      <span className="card-symbol">
        <SymbolName symbol={symbol} />
      </span>
      <b className="card-usd">{formatUsd(row?.openInterestUsd)}</b>
      <span className="card-change">
        {changes && (
          <>
            <Change value={(view.unit === 'usd' ? row?.dUsd : row?.d)?.[index]} />
            <small>{WINDOWS[index]}</small>
          </>
        )}
      </span>
      <small className="card-mark">{formatPrice(row?.markPrice)}</small>
      <small className="card-quad">{changes ? (quadrant ? QUADRANT_LABELS[quadrant] : '—') : ''}</small>
      <small className="card-age">
        <AgeText line={line} state={state} now={model.tableNow} mode={model.mode} />
        {row && ' ago'}
      </small>
    </button>
  );
}
