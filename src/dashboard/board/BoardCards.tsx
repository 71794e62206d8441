import { memo, useRef } from 'react';
import { formatUsd, UNKNOWN } from '../../kit/format.shared.ts';
import { openSymbol } from '../drawer/openSymbol.ts';
import { openListsOf } from '../shell/actions.ts';
import { FavouriteStar } from '../shell/FavouriteStar.tsx';
import { Icon } from '../shell/Icon.tsx';
import { useBoard, useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { RowAge, useLineState } from './AgeText.tsx';
import { Change } from './Change.tsx';
import { changeIn } from '../../openInterest/board/windows.shared.ts';
import type { NumberColumn } from './columnValue.ts';
import { COLUMNS, isChange } from './columns.ts';
import { EmptyBoard } from './EmptyBoard.tsx';
import { renderFigure } from './figures.tsx';
import type { Line } from './lines.ts';
import { QUADRANT_LABELS, quadrantOf } from './quadrant.ts';
import { SymbolName } from './SymbolName.tsx';
import { useRowWindow } from './useRowWindow.ts';
import type { SortKey } from './view.ts';
import './cards.css';

const CARD_HEIGHT = 70;

/** The board where a table does not fit: a card for each symbol, with the figure that it is sorted by. */
export function BoardCards() {
  const dashboard = useDashboard();
  const lines = useBoard((it) => it.lines);
  const list = useRef<HTMLUListElement>(null);
  const rows = useRowWindow({
    scrollRef: list,
    inner: false,
    count: lines.length,
    rowHeight: CARD_HEIGHT,
  });
  if (lines.length === 0) {
    return (
      <div className="board-empty">
        <EmptyBoard />
      </div>
    );
  }
  return (
    <ul ref={list} id="table" tabIndex={-1} className="cards" style={{ height: lines.length * CARD_HEIGHT }}>
      {lines.slice(rows.from, rows.to).map((line, i) => (
        <li
          key={line.symbol}
          aria-setsize={lines.length}
          aria-posinset={rows.from + i + 1}
          className="card-place"
          style={{ transform: `translateY(${(rows.from + i) * CARD_HEIGHT}px)` }}
        >
          {/* Beside the card: a button cannot contain another one. */}
          <FavouriteStar symbol={line.symbol} />
          <button
            type="button"
            className="to-lists"
            aria-label={`Watchlists of ${line.symbol}`}
            onClick={() => openListsOf(dashboard, line.symbol)}
          >
            <Icon name="list" />
          </button>
          <Card line={line} />
        </li>
      ))}
    </ul>
  );
}

const Card = memo(function Card({ line }: { line: Line }) {
  const dashboard = useDashboard();
  const { row, symbol } = line;
  const state = useLineState(line);
  const isOpen = useView((it) => it.symbol === symbol);
  const quadrant = quadrantOf(
    row,
    useView((it) => it.window),
  );
  const changes = useHasChanges();
  return (
    <button
      type="button"
      className={`card is-${state}`}
      data-symbol={symbol}
      aria-current={isOpen}
      onClick={() => openSymbol(dashboard, symbol)}
    >
      <span className="card-symbol">
        <SymbolName symbol={symbol} />
      </span>
      <b className="card-usd">{formatUsd(row?.openInterestUsd)}</b>
      <span className="card-change">{changes && <CardChange line={line} />}</span>
      <small className="card-figure">
        <CardFigure line={line} />
      </small>
      <small className="card-quad">{changes ? (quadrant ? QUADRANT_LABELS[quadrant] : '—') : ''}</small>
      <small className="card-age">
        <RowAge line={line} />
        {row && ' ago'}
      </small>
    </button>
  );
});

/** What the cards are sorted by, if it has no place of its own, else the mark price. */
function CardFigure({ line: { symbol, row } }: { line: Line }) {
  const key = useView((it) => it.sort.key);
  const unit = useView((it) => it.unit);
  if (row === null) return UNKNOWN;
  if (key === 'sector') return row.sectors?.join(', ') || UNKNOWN;
  if (hasPlace(key)) return renderFigure('mark', { symbol, row, unit });
  return (
    <>
      {COLUMNS[key].label} {renderFigure(key, { symbol, row, unit })}
    </>
  );
}

function hasPlace(key: SortKey): key is Exclude<SortKey, NumberColumn> {
  if (isChange(key)) return COLUMNS[key].change.measure === 'oi';
  return ['symbol', 'fav', 'quad', 'age', 'usd', 'mark'].includes(key);
}

/** The change that the cards are sorted by, else that of the window of their reading. */
function CardChange({ line: { row } }: { line: Line }) {
  const window = useView((it) => (isChange(it.sort.key) ? COLUMNS[it.sort.key].change.window : it.window));
  const unit = useView((it) => it.unit);
  return (
    <>
      <Change value={row && changeIn(row, unit === 'usd' ? 'dUsd' : 'd', window)} />
      <small>{window}</small>
    </>
  );
}
