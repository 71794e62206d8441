import { QUADRANTS } from '../../openInterest/board/quadrant.shared.ts';
import { QUADRANT_LABELS } from '../board/quadrant.ts';
import { DraftSelect, DraftText, type DraftProps } from './DraftField.tsx';
import { QuietHours } from './QuietHours.tsx';
import { toggled } from '../toggled.ts';
import { Check } from '../shell/SettingRow.tsx';

/** What else must be true, and how often the rule may fire. */
export function RuleConditions(form: DraftProps) {
  return (
    <>
      <fieldset>
        <legend>Only if (optional)</legend>
        <DraftSelect
          {...form}
          field="price"
          label="Price in the same time"
          options={{ any: 'anything', flat: 'flat, within', atLeast: 'at least', atMost: 'at most' }}
        />
        {form.draft.price !== 'any' && (
          <DraftText {...form} field="pricePct" label="Price change" unit="%" numeric />
        )}
        <DraftText {...form} field="fundingMin" label="Funding at least" unit="% per interval" numeric />
        <DraftText {...form} field="fundingMax" label="Funding at most" unit="% per interval" numeric />
        <DraftText {...form} field="leastVolume24h" label="24 h volume at least" note="USD, like 100M" />
        <DraftText
          {...form}
          field="leastUnusual"
          label="Unusual at least"
          unit="usual deviations"
          note="of its last 7 days; 3 is rare"
          numeric
        />
        <Readings {...form} />
      </fieldset>
      <Pace {...form} />
    </>
  );
}

function Readings({ draft, change }: DraftProps) {
  return (
    <div className="rule-field rule-wide" role="group" aria-label="Reading of price and open interest">
      <span className="rule-label">Reading of price and open interest, any of</span>
      <span className="rule-input">
        {QUADRANTS.map((it) => (
          <Check
            key={it}
            className="rule-check"
            label={QUADRANT_LABELS[it]}
            checked={draft.readings.includes(it)}
            onChange={() => change({ readings: toggled(draft.readings, it) })}
          />
        ))}
      </span>
    </div>
  );
}

function Pace(form: DraftProps) {
  return (
    <fieldset>
      <legend>How often</legend>
      <DraftText {...form} field="cooldownMin" label="Cooldown per symbol" unit="min" numeric />
      <DraftText {...form} field="rearmPct" label="Armed again below" unit="% of the threshold" numeric />
      <DraftText
        {...form}
        field="escalationPct"
        label="Again if larger by"
        unit="%"
        note="empty: not before it is armed again"
        numeric
      />
      <QuietHours {...form} note="Listed here, and sent to channels as one digest when they end." />
    </fieldset>
  );
}
