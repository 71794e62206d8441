import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  createMethodGuard,
  factorBetween,
  type Plausibility,
} from '../../../../src/openInterest/rules/methodGuard.ts';
import { symbolNames } from '../../../support/builders.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const SWEEP_MS = 10_000;

type Guard = ReturnType<typeof createMethodGuard>;

/** One sample of each symbol; how many verdicts of each kind. */
function sweep(guard: Guard, symbols: readonly string[], round: number, openInterest: number) {
  const ts = NOON + round * SWEEP_MS;
  const verdicts = symbols.map((symbol) => guard.follow({ symbol, ts, openInterest }));
  return { suspects: verdicts.filter((it) => it === 'suspect').length, change: guard.findChange(ts, ts) };
}

/** The verdicts on one symbol's values, one a sweep. */
function verdictsOf(guard: Guard, symbol: string, values: readonly number[]): Plausibility[] {
  return values.map((openInterest, i) => guard.follow({ symbol, ts: NOON + i * SWEEP_MS, openInterest }));
}

describe('a factor', () => {
  it.each([
    [100, 50, 0.5],
    [100, 50.2, 0.5],
    [100, 50.3, null],
    [100, 200, 2],
    [100, 1_000, 10],
    [100, 100_000, 1_000],
    [100, 0.1, 0.001],
    [100, 100.4, null],
    [100, 120, null],
    [100, 0, 0],
    [0, 100, null],
    [0, 0, null],
  ])('from %d to %d is %p', (before, now, factor) => {
    expect(factorBetween(before, now)).toBe(factor);
  });
});

describe('guard against a change of method', () => {
  const all = symbolNames(50);

  it('detects a factor by which a fifth of the symbols move in one round, once', () => {
    const guard = createMethodGuard();
    expect(sweep(guard, all, 0, 100).change).toBeNull();
    expect(sweep(guard, all.slice(0, 9), 1, 200).change).toBeNull();
    const { change, suspects } = sweep(guard, all.slice(9, 10), 1, 200);
    expect(suspects).toBe(1);
    expect(change).toMatchObject({ factor: 2, symbols: 10, ofSymbols: 50 });
    expect(change!.validFrom).toBeGreaterThan(change!.detectedAt);
    expect(sweep(guard, all.slice(10), 1, 200).change).toBeNull();
    expect(sweep(guard, all, 2, 200)).toEqual({ suspects: 0, change: null });
  });

  it('ignores a market move: the same direction by different factors', () => {
    const guard = createMethodGuard();
    sweep(guard, all, 0, 100);
    for (const [i, symbol] of all.entries()) {
      expect(guard.follow({ symbol, ts: NOON + SWEEP_MS, openInterest: 103 + i })).toBe('plain');
    }
    expect(guard.findChange(NOON + SWEEP_MS, NOON)).toBeNull();
  });

  it('ignores a factor by which symbols move at different times', () => {
    const guard = createMethodGuard();
    for (let round = 0; round < 300; round += 1) {
      const changes = all.map((symbol, i) => {
        const openInterest = round > i * 7 ? 200 : 100;
        guard.follow({ symbol, ts: NOON + round * SWEEP_MS, openInterest });
        return guard.findChange(NOON + round * SWEEP_MS, NOON);
      });
      expect(changes.every((it) => it === null)).toBe(true);
    }
  });

  it('suspects a single symbol until its next sample', () => {
    const guard = createMethodGuard();
    sweep(guard, all, 0, 100);
    expect(verdictsOf(guard, 'ONEUSDT', [100, 200, 201, 202])).toEqual([
      'plain',
      'suspect',
      'plain',
      'plain',
    ]);
    expect(guard.findChange(NOON + 3 * SWEEP_MS, NOON)).toBeNull();
    expect(guard.isGlitch('ONEUSDT', NOON + SWEEP_MS)).toBe(false);
  });

  it.each([[0], [1_000], [50]])('discards a single sample of %d that the next one reverts', (value) => {
    const guard = createMethodGuard();
    expect(verdictsOf(guard, 'ONEUSDT', [100, value, 101])).toEqual(['plain', 'suspect', 'plain']);
    expect(guard.isGlitch('ONEUSDT', NOON + SWEEP_MS)).toBe(true);
    expect(guard.isGlitch('ONEUSDT', NOON)).toBe(false);
  });

  it('accepts a second zero', () => {
    expect(verdictsOf(createMethodGuard(), 'ONEUSDT', [100, 0, 0])).toEqual(['plain', 'suspect', 'plain']);
  });

  it('is silent without a move by such a factor, and deterministic', () => {
    const anyValues = fc.array(fc.constantFrom(0, 50, 100, 101, 130, 200, 1_000), { maxLength: 30 });
    fc.assert(
      fc.property(anyValues, (values) => {
        const verdicts = verdictsOf(createMethodGuard(), 'ONEUSDT', values);
        expect(verdictsOf(createMethodGuard(), 'ONEUSDT', values)).toEqual(verdicts);
        for (const [i, verdict] of verdicts.entries()) {
          if (verdict === 'suspect') expect(verdicts[i - 1]).toBeDefined();
          if (!values.includes(0) && new Set(values).size === 1) expect(verdict).toBe('plain');
        }
      }),
    );
  });
});
