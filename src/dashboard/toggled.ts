/** The list without the value, or with it at the end. */
export function toggled<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((it) => it !== value) : [...list, value];
}
