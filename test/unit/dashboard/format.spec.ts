import { describe, expect, it } from '@jest/globals';
import { formatClock, formatZone } from '../../../src/dashboard/timeOfDay.ts';
import {
  describeFunding,
  formatAge,
  formatCellAge,
  formatChange,
  formatBytes,
  formatContracts,
  formatCount,
  formatDelay,
  formatEvery,
  formatRate,
  formatShare,
  formatExact,
  formatFraction,
  formatFunding,
  formatPrice,
  formatRatio,
  formatUsd,
} from '../../../src/kit/format.shared.ts';

function expectTable<Value>(write: (value: Value) => string, table: readonly [Value, string][]): void {
  expect(table.map(([value]) => write(value))).toEqual(table.map(([, text]) => text));
}

describe('numbers on the dashboard', () => {
  it('L1 writes USD with two decimals and picks the unit after rounding', () => {
    expectTable(formatUsd, [
      [8_451_234_567.12, '$8.45B'],
      [5_980_000_000, '$5.98B'],
      [999_990_000, '$999.99M'],
      [999_999_999, '$1.00B'],
      [999_999, '$1.00M'],
      [999_994, '$999.99K'],
      [12_340_000, '$12.34M'],
      [950, '$950.00'],
      [999.999, '$1.00K'],
      [38_420_000_000_000, '$38.42T'],
      [1_234_567_000_000_000, '$1,234.57T'],
      [-1_500, '−$1.50K'],
      [0.95, '$0.95'],
      [0.004, '$0.004'],
      [0.0149, '$0.015'],
      [0.00042, '$0.00042'],
      [-1e-9, '−$1e-9'],
      [1e15, '$1,000.00T'],
      [1e18, '$1e18'],
    ]);
  });

  it('L1 distinguishes a true zero from an unknown value', () => {
    expectTable(formatUsd, [
      [0, '$0.00'],
      [null, '—'],
      [undefined, '—'],
      [NaN, '—'],
    ]);
    expect([
      formatContracts(null),
      formatPrice(null),
      formatChange(null),
      formatFunding(null),
      formatRatio(null),
    ]).toEqual(Array.from({ length: 5 }, () => '—'));
  });

  it('writes contracts short in cells and exact where there is room', () => {
    expectTable(formatContracts, [
      [90_761.482, '90.76K'],
      [1_960_000, '1.96M'],
      [999_990_000, '999.99M'],
      [0, '0.00'],
      [-0, '0.00'],
      [0.001, '0.001'],
    ]);
    expectTable(formatExact, [
      [4.2e-9, '0.0000000042'],
      [-1e-9, '−0.000000001'],
      [1_234.5678, '1,234.568'],
      [90_761.482, '90,761.482'],
      [430_000_000, '430,000,000'],
      [0.5, '0.5'],
      [0, '0'],
      [1e21, '1,000,000,000,000,000,000,000'],
    ]);
  });

  it('writes mark prices with as many digits as they need', () => {
    expectTable(formatPrice, [
      [93_041.35, '$93,041.35'],
      [3_055.5, '$3,055.50'],
      [999.996, '$1,000.00'],
      [142.2, '$142.20'],
      [1.2345, '$1.2345'],
      [0.3042, '$0.3042'],
      // Zeros too: a price that ticks from 1.2345 to 1.2350 must not jump.
      [1.235, '$1.2350'],
      [12.3, '$12.300'],
      [10, '$10.000'],
      [1, '$1.0000'],
      [0.12, '$0.1200'],
      [0.00001234, '$0.00001234'],
      [0.000001234, '$0.000001234'],
      [0.000000012, '$1.2e-8'],
      [4.2e-9, '$4.2e-9'],
      [1_234_567.89, '$1,234,568'],
      [1e9, '$1.00B'],
      [0.09996, '$0.09996'],
      [0, '$0.00'],
    ]);
  });

  it('writes changes with their sign, and only an exact zero as no change', () => {
    expectTable(formatChange, [
      [421, '+4.21%'],
      [-318, '−3.18%'],
      [12_450, '+124.5%'],
      [9_999.9, '+100.0%'],
      [100_000, '>+999%'],
      [-9_999, '−99.99%'],
      [0, '0.00%'],
      [0.4, '+0.004%'],
      [-0.4, '−0.004%'],
      [1, '+0.01%'],
    ]);
    expectTable(formatFraction, [
      [0.0421, '+4.21%'],
      [-0.079, '−7.90%'],
      [null, '—'],
    ]);
  });

  it('annualizes funding, for both intervals while the interval is unknown', () => {
    expect(describeFunding(0.0001, 4)).toBe('Every 4h: +21.90% a year');
    expect(describeFunding(0.0001, null)).toBe(
      'Per funding interval, which is not reported: +10.95% a year if that is 8h, +21.90% a year if that is 4h',
    );
    expect(describeFunding(-0.007, null)).toContain('\u2212766.5% a year if that is 8h');
  });

  it('writes funding with four decimals, and ratios below a hundred with two', () => {
    expectTable(formatFunding, [
      [0.0001, '+0.0100%'],
      [-0.000041, '−0.0041%'],
      [0.0000086, '+0.0009%'],
      [-0.0075, '−0.7500%'],
      [0, '0.0000%'],
      [0.0000000004, '+4e-8%'],
    ]);
    expectTable(formatRatio, [
      [0.0000139, '1.4e-5'],
      [0.348, '0.35'],
      [0.004, '0.004'],
      [12.34, '12.34'],
      [99.999, '100'],
      [1_240.4, '1,240'],
      [9_999.5, '10.00K'],
      [12_400, '12.40K'],
    ]);
  });

  it('writes ages short in cells and with seconds in labels', () => {
    const sec = (value: number) => value * 1_000;
    expectTable(formatCellAge, [
      [1, '<1s'],
      [sec(2.9), '2s'],
      [sec(59), '59s'],
      [sec(60), '1m'],
      [sec(3_599), '59m'],
      [sec(3 * 3_600), '3h'],
      [sec(2 * 86_400), '2d'],
      [-5, '0s'],
    ]);
    expectTable(formatAge, [
      [sec(2), '2s'],
      [sec(59), '59s'],
      [sec(65), '1m 05s'],
      [sec(12 * 60 + 5), '12m'],
      [sec(3_780), '1h 03m'],
    ]);
    expect(formatCount(1_284)).toBe('1,284');
  });

  it('writes times in 24 hours with their zone', () => {
    expect(formatClock(Date.UTC(2026, 10, 20, 14, 3, 22), 'utc')).toBe('14:03:22');
    expectTable(formatZone, [
      [0, 'UTC'],
      [60, 'UTC+1'],
      [-210, 'UTC−3:30'],
      [345, 'UTC+5:45'],
    ]);
  });
});

describe('figures of the operator’s page', () => {
  it.each([
    [38, '0.038s'],
    [600, '0.6s'],
    [1_949, '1.9s'],
    [59_949, '59.9s'],
    [250_000, '4m 10s'],
  ])('writes a delay of %d ms as %s', (ms, text) => expect(formatDelay(ms)).toBe(text));

  it.each([
    [0.04, '0.04s'],
    [3, '3s'],
    [12.5, '12.5s'],
    [60, '1m'],
    [300, '5m'],
    [3_600, '1h'],
    [5_400, '1h 30m'],
  ])('writes every %d s as every %s', (sec, text) => expect(formatEvery(sec)).toBe(text));

  it('write rates with a decimal where it is significant', () => {
    expect([formatRate(0), formatRate(11.4333), formatRate(99.96), formatRate(1_234)]).toEqual([
      '0.0',
      '11.4',
      '100',
      '1,234',
    ]);
    expect([0, 0.4, 999, 12_400, 999.5, 999_949, 999_950, 2_148e6, 3.4e15].map(formatBytes)).toEqual([
      '0 B',
      '0.4 B',
      '999 B',
      '12.4 kB',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '2.1 GB',
      '3,400.0 TB',
    ]);
    expect([formatShare(3, 2_400), formatShare(1_060, 2_400), formatShare(1, 0)]).toEqual([
      '0.13%',
      '44%',
      '—',
    ]);
  });
});
