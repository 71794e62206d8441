/**
 * Noise for any time in any order: the same stream and time always produce the same number, because no state is carried from
 * one time to the next. Sums of it return to their mean by construction, unlike a random walk, and the past can be computed
 * like the present.
 */

// Bound once: a history needs millions of draws, and looking up a global is slow inside a sandbox such as Jest's.
const { imul, floor } = Math;

export type Octave = { periodMs: number; amplitude: number };

/** A stream of noise for a name; different names and seeds produce unrelated streams. */
export function noiseStream(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const char of name) hash = imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return mix(hash);
}

/** Uniform in [0, 1): the draw with this number. */
export function drawAt(stream: number, index: number): number {
  return mix(stream ^ imul(index | 0, 0x9e3779b1)) / 2 ** 32;
}

/** In [-1, 1]: random levels every `periodMs`, joined smoothly. Its steepest slope is 3 levels a period. */
function smoothNoise(stream: number, at: number, periodMs: number): number {
  const position = at / periodMs;
  const index = floor(position);
  const fraction = position - index;
  const weight = fraction * fraction * (3 - 2 * fraction);
  const level = drawAt(stream, index);
  return 2 * (level + (drawAt(stream, index + 1) - level) * weight) - 1;
}

/** Within the sum of the amplitudes. */
export function octaveNoise(stream: number, at: number, octaves: readonly Octave[]): number {
  let sum = 0;
  for (let index = 0; index < octaves.length; index += 1) {
    const octave = octaves[index]!;
    sum += octave.amplitude * smoothNoise(stream + index, at, octave.periodMs);
  }
  return sum;
}

/** The names in an order that only the stream decides. */
export function shuffled<T>(stream: number, items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = floor(drawAt(stream, last) * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

/** Spreads 32 bits over 32 bits so that adjacent inputs have unrelated outputs. */
function mix(value: number): number {
  let bits = value | 0;
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
