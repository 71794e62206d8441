import { formatBytes, formatCountOf, formatDecimal } from '../../kit/format.shared.ts';

/** `27 days, 667.2 MB, 7.4 B a sample`; for doctor and the operator's page. */
export function describeTier(tier: { days: number; samples: number; bytes: number }): string {
  const { days, samples, bytes } = tier;
  const size = samples > 0 ? [`${formatDecimal(bytes / samples, 1)} B a sample`] : [];
  return [formatCountOf(days, 'day'), formatBytes(bytes), ...size].join(', ');
}
