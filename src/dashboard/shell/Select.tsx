/** A choice of one value. `options`: the values and their texts. It is named by `label`, or by the label of its `id`. */
export function Select<Value extends string>(props: {
  id?: string;
  label?: string;
  small?: boolean;
  value: Value;
  options: readonly (readonly [value: Value, text: string])[];
  onChange: (value: Value) => void;
}) {
  return (
    <select
      id={props.id}
      className={props.small ? 'button small' : 'button'}
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value as Value)}
    >
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}
