import { useId, type ReactNode } from 'react';
import { Select } from '../shell/Select.tsx';

/** A labelled text field with its unit and a line that explains it. */
export function TextField(props: {
  label: string;
  value: string;
  unit?: string;
  note?: string;
  placeholder?: string;
  type?: 'text' | 'time';
  numeric?: boolean;
  required?: boolean;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <Field id={id} label={props.label} note={props.note}>
      <input
        id={id}
        type={props.type ?? 'text'}
        inputMode={props.numeric ? 'decimal' : undefined}
        value={props.value}
        required={props.required}
        placeholder={props.placeholder}
        autoComplete="off"
        aria-describedby={props.note ? `${id}-note` : undefined}
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.unit && <span className="muted">{props.unit}</span>}
    </Field>
  );
}

export function SelectField<Value extends string>(props: {
  label: string;
  value: Value;
  options: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}) {
  const id = useId();
  return (
    <Field id={id} label={props.label}>
      <Select
        id={id}
        value={props.value}
        options={Object.entries(props.options) as [Value, string][]}
        onChange={props.onChange}
      />
    </Field>
  );
}

function Field(props: { id: string; label: string; note?: string | undefined; children: ReactNode }) {
  return (
    <div className="rule-field">
      <label htmlFor={props.id}>{props.label}</label>
      <span className="rule-input">{props.children}</span>
      {props.note && (
        <p id={`${props.id}-note`} className="muted">
          {props.note}
        </p>
      )}
    </div>
  );
}
