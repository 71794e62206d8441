import { formatBytes, formatCount, formatDecimal } from '../../kit/format.shared.ts';

/** `27 days, 667.2 MB, 7.4 B a sample`; for doctor and the operator's page. */
export function describeTier({
  days,
  samples,
  bytes,
}: {
  days: number;
  samples: number;
  bytes: number;
}): string {
  const size = samples > 0 ? [`${formatDecimal(bytes / samples, 1)} B a sample`] : [];
  return [describeDays(days), formatBytes(bytes), ...size].join(', ');
}

export function describeDays(days: number): string {
  return `${formatCount(days)} ${days === 1 ? 'day' : 'days'}`;
}
