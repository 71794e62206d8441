import { Check } from '../shell/SettingRow.tsx';
import { DraftText, type DraftProps } from './DraftField.tsx';

/** `note`: what becomes of an alert in these hours. */
export function QuietHours({ note, ...form }: DraftProps & { note: string }) {
  const { draft, change } = form;
  return (
    <>
      <div className="rule-field rule-wide">
        <Check
          className="rule-check"
          label="Quiet hours"
          checked={draft.quiet}
          onChange={(quiet) => change({ quiet })}
        />
        <p className="muted">{note}</p>
      </div>
      {draft.quiet && (
        <>
          <DraftText {...form} field="quietFrom" label="From" type="time" />
          <DraftText {...form} field="quietTo" label="To" type="time" />
          <DraftText {...form} field="timeZone" label="Time zone" />
        </>
      )}
    </>
  );
}
