/** A `Map` of at most `max` entries, ordered by when each was last set: a new key beyond that evicts the oldest entry. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #max: number;
  readonly #onEvict: (key: Key, value: Value) => void;

  constructor(max: number, onEvict: (key: Key, value: Value) => void = () => undefined) {
    super();
    this.#max = max;
    this.#onEvict = onEvict;
  }

  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#max) this.#evictOldest();
    return this;
  }

  #evictOldest(): void {
    for (const [key, value] of this) {
      this.delete(key);
      this.#onEvict(key, value);
      return;
    }
  }
}
