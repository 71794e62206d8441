import { useState, type DragEvent } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { Check } from '../shell/SettingRow.tsx';
import { useColumns, useDashboard } from '../shell/useDashboard.ts';
import { COLUMNS, COLUMN_KEYS, PINNED, type ColumnKey } from './columns.ts';
import './menus.css';

/** Which columns are shown and in which order: dragged by mouse, moved by buttons without one. */
export function ColumnsPanel() {
  const { view, preferences } = useDashboard();
  const { shown, available } = useColumns();
  const [dragged, setDragged] = useState<{ key: ColumnKey; to: number } | null>(null);
  const order = dragged ? withMoved(shown, dragged.key, dragged.to) : shown;
  const hidden = available.filter((it) => !shown.includes(it) && COLUMN_KEYS.includes(it));

  function onChange(chosen: readonly ColumnKey[] | null): void {
    preferences.change({ columns: chosen ? [...chosen] : null });
    view.change({ columns: chosen });
  }

  const dragOf = (key: ColumnKey) => ({
    draggable: true,
    onDragStart({ dataTransfer }: DragEvent) {
      dataTransfer.effectAllowed = 'move';
      // Firefox drags nothing that has no data.
      dataTransfer.setData('text/plain', COLUMNS[key].label);
      setDragged({ key, to: shown.indexOf(key) });
    },
    onDragOver(event: DragEvent) {
      if (dragged === null) return;
      event.preventDefault();
      setDragged({ ...dragged, to: order.indexOf(key) });
    },
    onDrop(event: DragEvent) {
      event.preventDefault();
      onChange(order);
    },
    onDragEnd: () => setDragged(null),
  });

  return (
    <div className="columns-panel">
      <p className="muted">Shown, in this order. Drag, or use the arrows.</p>
      <ul>
        {order
          .filter((it) => !PINNED.includes(it))
          .map((key) => (
            <li key={key} className={dragged?.key === key ? 'is-dragged' : ''} {...dragOf(key)}>
              <ColumnCheck column={key} isShown onToggle={() => onChange(shown.filter((it) => it !== key))} />
              <MoveButtons
                column={key}
                onMove={(by) => onChange(withMoved(shown, key, shown.indexOf(key) + by))}
              />
            </li>
          ))}
      </ul>
      {hidden.length > 0 && <p className="muted">Hidden</p>}
      <ul className="columns-hidden">
        {hidden.map((key) => (
          <li key={key}>
            <ColumnCheck column={key} isShown={false} onToggle={() => onChange([...shown, key])} />
          </li>
        ))}
      </ul>
      <Button onClick={() => onChange(null)}>Reset</Button>
    </div>
  );
}

/** The columns with one at another place, behind the pinned ones. */
function withMoved(columns: readonly ColumnKey[], key: ColumnKey, to: number): readonly ColumnKey[] {
  const rest = columns.filter((it) => it !== key);
  return rest.toSpliced(Math.max(PINNED.length, to), 0, key);
}

function ColumnCheck(props: { column: ColumnKey; isShown: boolean; onToggle: () => void }) {
  const { label } = COLUMNS[props.column];
  return (
    <Check
      label={props.column === 'spark' ? `${label} trend` : label}
      checked={props.isShown}
      onChange={props.onToggle}
    />
  );
}

function MoveButtons({ column, onMove }: { column: ColumnKey; onMove: (by: -1 | 1) => void }) {
  return (['up', 'down'] as const).map((way) => (
    <Button
      key={way}
      className="quiet small"
      aria-label={`Move ${COLUMNS[column].label} ${way}`}
      onClick={({ currentTarget }) => {
        flushSync(() => onMove(way === 'up' ? -1 : 1));
        // Its row may have been taken out and put back.
        currentTarget.focus();
      }}
    >
      <Icon name={way} />
    </Button>
  ));
}
