import { Button } from '../shell/Button.tsx';
import { Icon } from '../shell/Icon.tsx';
import { Check } from '../shell/SettingRow.tsx';
import { useColumns, useDashboard } from '../shell/useDashboard.ts';
import { COLUMNS, COLUMN_KEYS, PINNED, type ColumnKey } from './columns.ts';
import { toggled } from '../toggled.ts';
import './menus.css';

/** Which columns are shown and in which order. Buttons work without a pointer that can drag. */
export function ColumnsPanel() {
  const { view, preferences } = useDashboard();
  const { shown, available } = useColumns();
  const hidden = available.filter((it) => !shown.includes(it) && COLUMN_KEYS.includes(it));
  const list = [...shown, ...hidden].filter((it) => !PINNED.includes(it));

  function onChange(chosen: readonly ColumnKey[] | null): void {
    preferences.change({ columns: chosen ? [...chosen] : null });
    view.change({ columns: chosen });
  }

  function move(key: ColumnKey, by: -1 | 1): void {
    const next = [...shown];
    const from = next.indexOf(key);
    const to = from + by;
    if (from < 0 || to < PINNED.length || to >= next.length) return;
    next.splice(to, 0, ...next.splice(from, 1));
    onChange(next);
  }

  return (
    <div className="columns-panel">
      <ul>
        {list.map((key) => (
          <ColumnItem
            key={key}
            column={key}
            isShown={shown.includes(key)}
            onToggle={() => onChange(toggled(shown, key))}
            onMove={(by) => move(key, by)}
          />
        ))}
      </ul>
      <Button onClick={() => onChange(null)}>Reset</Button>
    </div>
  );
}

function ColumnItem(props: {
  column: ColumnKey;
  isShown: boolean;
  onToggle: () => void;
  onMove: (by: -1 | 1) => void;
}) {
  const { column, isShown, onMove } = props;
  const { label } = COLUMNS[column];
  return (
    <li>
      <Check
        label={column === 'spark' ? `${label} trend` : label}
        checked={isShown}
        onChange={props.onToggle}
      />
      {(['up', 'down'] as const).map((way) => (
        <Button
          key={way}
          className="quiet small"
          disabled={!isShown}
          aria-label={`Move ${label} ${way}`}
          onClick={() => onMove(way === 'up' ? -1 : 1)}
        >
          <Icon name={way} />
        </Button>
      ))}
    </li>
  );
}
