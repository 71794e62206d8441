import { formatPlain } from '../../kit/format.shared.ts';
import type { ReportedAlertRule } from '../../openInterest/operator/dashboard.types.ts';

/** `Alerts fire at ±3% in 5 min, ±7% in 15 min`; `null` when no collector reports its rules. */
export function describeAlertRules(rules: readonly ReportedAlertRule[]): string | null {
  if (rules.length === 0) return null;
  const told = rules.map(({ timeframe, pctChange }) => `±${percent(pctChange)}% in ${timeframe}`);
  return `Alerts fire at ${told.join(', ')}`;
}

/** As many digits as were set: 0.07 times 100 is 7.000000000000001. */
function percent(fraction: number): string {
  return formatPlain(Number(fraction.toPrecision(6)), 2);
}
