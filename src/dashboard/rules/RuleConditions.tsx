import { QUADRANTS } from '../../openInterest/board/quadrant.shared.ts';
import { QUADRANT_LABELS } from '../board/quadrant.ts';
import { SelectField, TextField } from './Field.tsx';
import type { DraftProps } from './RuleFields.tsx';

/** What else must be true, and how often the rule may fire. */
export function RuleConditions({ draft, change }: DraftProps) {
  return (
    <>
      <fieldset>
        <legend>Only if (optional)</legend>
        <SelectField
          label="Price in the same time"
          value={draft.price}
          options={{ any: 'anything', flat: 'flat, within', atLeast: 'at least', atMost: 'at most' }}
          onChange={(price) => change({ price })}
        />
        {draft.price !== 'any' && (
          <TextField
            label="Price change"
            value={draft.pricePct}
            unit="%"
            numeric
            onChange={(pricePct) => change({ pricePct })}
          />
        )}
        <TextField
          label="Funding at least"
          value={draft.fundingMin}
          unit="% per interval"
          numeric
          onChange={(fundingMin) => change({ fundingMin })}
        />
        <TextField
          label="Funding at most"
          value={draft.fundingMax}
          unit="% per interval"
          numeric
          onChange={(fundingMax) => change({ fundingMax })}
        />
        <TextField
          label="24 h volume at least"
          value={draft.leastVolume24h}
          note="USD, like 100M"
          onChange={(leastVolume24h) => change({ leastVolume24h })}
        />
        <TextField
          label="Unusual, at least"
          value={draft.leastUnusual}
          unit="usual deviations"
          note="from what the symbol did in the 7 days before, also in a replay; 3 is rare. It needs a day of history."
          numeric
          onChange={(leastUnusual) => change({ leastUnusual })}
        />
        <Readings draft={draft} change={change} />
      </fieldset>
      <Pace draft={draft} change={change} />
    </>
  );
}

function Readings({ draft, change }: DraftProps) {
  const toggle = (reading: (typeof QUADRANTS)[number]) =>
    change({
      readings: draft.readings.includes(reading)
        ? draft.readings.filter((it) => it !== reading)
        : [...draft.readings, reading],
    });
  return (
    <div className="rule-field" role="group" aria-label="Reading of price and open interest">
      <span className="rule-label">Reading</span>
      <span className="rule-input">
        {QUADRANTS.map((it) => (
          <label key={it} className="rule-check">
            <input type="checkbox" checked={draft.readings.includes(it)} onChange={() => toggle(it)} />
            {QUADRANT_LABELS[it]}
          </label>
        ))}
      </span>
    </div>
  );
}

function Pace({ draft, change }: DraftProps) {
  return (
    <fieldset>
      <legend>How often</legend>
      <TextField
        label="Cooldown per symbol"
        value={draft.cooldownMin}
        unit="min"
        numeric
        onChange={(cooldownMin) => change({ cooldownMin })}
      />
      <TextField
        label="Armed again below"
        value={draft.rearmPct}
        unit="% of the threshold"
        numeric
        onChange={(rearmPct) => change({ rearmPct })}
      />
      <TextField
        label="Again if larger by"
        value={draft.escalationPct}
        unit="%"
        note="empty: not before it is armed again"
        numeric
        onChange={(escalationPct) => change({ escalationPct })}
      />
      <div className="rule-field">
        <label className="rule-check">
          <input
            type="checkbox"
            checked={draft.quiet}
            onChange={(event) => change({ quiet: event.target.checked })}
          />
          Quiet hours
        </label>
        <p className="muted">Listed here, and sent to channels as one digest when they end.</p>
      </div>
      {draft.quiet && (
        <>
          <TextField
            label="From"
            type="time"
            value={draft.quietFrom}
            onChange={(quietFrom) => change({ quietFrom })}
          />
          <TextField
            label="To"
            type="time"
            value={draft.quietTo}
            onChange={(quietTo) => change({ quietTo })}
          />
          <TextField label="Time zone" value={draft.timeZone} onChange={(timeZone) => change({ timeZone })} />
        </>
      )}
    </fieldset>
  );
}
