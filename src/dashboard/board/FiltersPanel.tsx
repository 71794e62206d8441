import { useMemo, useState } from 'react';
import { Button } from '../shell/Button.tsx';
import { Check } from '../shell/SettingRow.tsx';
import { useBoard, useDashboard, useHasChanges, useView } from '../shell/useDashboard.ts';
import { formatAmount, parseAmount } from './amount.ts';
import { BOUND_KEYS } from './bounds.ts';
import { BOUND_WORDS } from './boundWords.ts';
import { labelState } from './lines.ts';
import { QUADRANTS, QUADRANT_LABELS, WINDOWS } from './quadrant.ts';
import { listSectors } from './sectors.ts';
import { DIRECTIONS, NO_FILTERS } from './view.ts';
import { toggled } from '../toggled.ts';
import './menus.css';

const STATES = ['live', 'late', 'stale', 'none'] as const;

/** Everything that the lines can be filtered by. */
export function FiltersPanel() {
  const { change } = useDashboard().view;
  const hasChanges = useHasChanges();
  return (
    <form className="filters" onSubmit={(event) => event.preventDefault()}>
      <States />
      {hasChanges && <Quadrants />}
      {hasChanges && <Directions />}
      <Sectors />
      <Minimums />
      <Button onClick={() => change(NO_FILTERS)}>Clear all</Button>
    </form>
  );
}

function States() {
  const { change } = useDashboard().view;
  const states = useView((it) => it.states);
  const isLive = useBoard((it) => it.isLive);
  return (
    <fieldset>
      <legend>State</legend>
      {STATES.map((state) => (
        <Check
          key={state}
          label={labelState(state, isLive)}
          checked={states.includes(state)}
          onChange={() => change({ states: toggled(states, state) })}
        />
      ))}
    </fieldset>
  );
}

function Quadrants() {
  const { change } = useDashboard().view;
  const quadrants = useView((it) => it.quadrants);
  const window = useView((it) => it.window);
  return (
    <>
      <fieldset>
        <legend>Price × OI</legend>
        {QUADRANTS.map((quadrant) => (
          <Check
            key={quadrant}
            label={QUADRANT_LABELS[quadrant]}
            checked={quadrants.includes(quadrant)}
            onChange={() => change({ quadrants: toggled(quadrants, quadrant) })}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>Window of Price × OI, direction and minimum changes</legend>
        {WINDOWS.map((it) => (
          <label key={it}>
            <input
              type="radio"
              name="window"
              checked={window === it}
              onChange={() => change({ window: it })}
            />
            {it}
          </label>
        ))}
      </fieldset>
    </>
  );
}

/** Those of the board, and chosen ones that no symbol has. */
function Sectors() {
  const { change } = useDashboard().view;
  const chosen = useView((it) => it.sectors);
  const all = useBoard((it) => it.all);
  const sectors = useMemo(() => listSectors(all, chosen), [all, chosen]);
  if (sectors.length === 0) return null;
  return (
    <fieldset>
      <legend>Sector</legend>
      {sectors.map((sector) => (
        <Check
          key={sector}
          label={sector}
          checked={chosen.includes(sector)}
          onChange={() => change({ sectors: toggled(chosen, sector) })}
        />
      ))}
    </fieldset>
  );
}

function Directions() {
  const { change } = useDashboard().view;
  const direction = useView((it) => it.direction);
  return (
    <fieldset>
      <legend>Direction of OI</legend>
      {[null, ...DIRECTIONS].map((it) => (
        <label key={it}>
          <input
            type="radio"
            name="direction"
            checked={direction === it}
            onChange={() => change({ direction: it })}
          />
          {it ?? 'either'}
        </label>
      ))}
    </fieldset>
  );
}

function Minimums() {
  const { change } = useDashboard().view;
  const view = useView((it) => it);
  const hasChanges = useHasChanges();
  const shown = BOUND_KEYS.filter((key) => hasChanges || !BOUND_WORDS[key].ofChanges);
  return shown.map((key) => (
    <Minimum
      key={key}
      label={BOUND_WORDS[key].label}
      value={view[key]}
      onChange={(value) => change({ [key]: value })}
    />
  ));
}

function Minimum(props: { label: string; value: number | null; onChange: (value: number | null) => void }) {
  const [text, setText] = useState('');
  // The text of the viewer, unless the value was changed elsewhere: by the address, or by Clear all.
  const shown = parseAmount(text) === props.value ? text : formatAmount(props.value);
  return (
    <label className="minimum">
      {props.label}
      <input
        type="text"
        autoComplete="off"
        value={shown}
        aria-invalid={shown.trim() !== '' && parseAmount(shown) === null}
        onChange={(event) => {
          setText(event.target.value);
          props.onChange(parseAmount(event.target.value));
        }}
      />
    </label>
  );
}
