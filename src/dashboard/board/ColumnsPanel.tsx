import { Icon } from '../shell/Icon.tsx';
import { COLUMNS, COLUMN_KEYS, PINNED, type ColumnKey } from './columns.ts';

/** Which columns are shown and in which order; buttons, because not everybody can drag. */
export function ColumnsPanel(props: {
  shown: readonly ColumnKey[];
  available: readonly ColumnKey[];
  onChange: (columns: readonly ColumnKey[] | null) => void;
}) {
  const { shown, available, onChange } = props;
  const hidden = available.filter((it) => !shown.includes(it) && COLUMN_KEYS.includes(it));
  const list = [...shown, ...hidden].filter((it) => !PINNED.includes(it));

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
        {list.map((key) => {
          const isShown = shown.includes(key);
          const { label } = COLUMNS[key];
          return (
            <li key={key}>
              <label>
                <input
                  type="checkbox"
                  checked={isShown}
                  onChange={() => onChange(isShown ? shown.filter((it) => it !== key) : [...shown, key])}
                />
                {label}
                {key === 'spark' ? ' trend' : ''}
              </label>
              <button
                type="button"
                className="button quiet small"
                disabled={!isShown}
                aria-label={`Move ${label} up`}
                onClick={() => move(key, -1)}
              >
                <Icon name="up" />
              </button>
              <button
                type="button"
                className="button quiet small"
                disabled={!isShown}
                aria-label={`Move ${label} down`}
                onClick={() => move(key, 1)}
              >
                <Icon name="down" />
              </button>
            </li>
          );
        })}
      </ul>
      <button type="button" className="button" onClick={() => onChange(null)}>
        Reset
      </button>
    </div>
  );
}
