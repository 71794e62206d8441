import type { Mode } from '../../openInterest/openInterest.types.ts';
import { labelState } from './lines.ts';
import { QUADRANTS, QUADRANT_LABELS, WINDOWS } from './quadrant.ts';
import { NO_FILTERS, type View } from './view.ts';

const STATES = ['live', 'late', 'stale', 'none'] as const;

/** What can be asked of the lines. */
export function FiltersPanel(props: {
  view: View;
  mode: Mode;
  changes: boolean;
  onChange: (change: Partial<View>) => void;
}) {
  const { view, changes, onChange } = props;
  return (
    <form className="filters" onSubmit={(event) => event.preventDefault()}>
      <fieldset>
        <legend>State</legend>
        {STATES.map((state) => (
          <label key={state}>
            <input
              type="checkbox"
              checked={view.states.includes(state)}
              onChange={() => onChange({ states: toggled(view.states, state) })}
            />
            {labelState(state, props.mode)}
          </label>
        ))}
      </fieldset>
      {changes && (
        <>
          <fieldset>
            <legend>Price × OI</legend>
            {QUADRANTS.map((quadrant) => (
              <label key={quadrant}>
                <input
                  type="checkbox"
                  checked={view.quadrants.includes(quadrant)}
                  onChange={() => onChange({ quadrants: toggled(view.quadrants, quadrant) })}
                />
                {QUADRANT_LABELS[quadrant]}
              </label>
            ))}
          </fieldset>
          <fieldset>
            <legend>Window of Price × OI and of the change below</legend>
            {WINDOWS.map((window) => (
              <label key={window}>
                <input
                  type="radio"
                  name="window"
                  checked={view.window === window}
                  onChange={() => onChange({ window })}
                />
                {window}
              </label>
            ))}
          </fieldset>
        </>
      )}
      <Minimum label="OI of at least, USD" value={view.minUsd} onChange={(minUsd) => onChange({ minUsd })} />
      <Minimum
        label="24h volume of at least, USD"
        value={view.minVolume}
        onChange={(minVolume) => onChange({ minVolume })}
      />
      {changes && (
        <Minimum
          label="Change of at least, %, up or down"
          value={view.minChange}
          onChange={(minChange) => onChange({ minChange })}
        />
      )}
      <button type="button" className="button" onClick={() => onChange(NO_FILTERS)}>
        Clear all
      </button>
    </form>
  );
}

function Minimum(props: { label: string; value: number | null; onChange: (value: number | null) => void }) {
  return (
    <label className="minimum">
      {props.label}
      <input
        type="number"
        min="0"
        step="any"
        inputMode="decimal"
        value={props.value ?? ''}
        onChange={(event) => {
          const value = event.target.valueAsNumber;
          props.onChange(Number.isFinite(value) && value > 0 ? value : null);
        }}
      />
    </label>
  );
}

function toggled<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((it) => it !== value) : [...list, value];
}
