import { formatMoment } from '../../../kit/format.shared.ts';
import type { DoctorFacts } from './facts.ts';
import type { JudgedStage } from './judged.ts';

/** A line only where no alert rule fires; samples flow all the same. */
export function judgeAlerts({ methodChange, baseUrl, now }: DoctorFacts): JudgedStage[] {
  if (methodChange === null) return [];
  const { factor, symbols, ofSymbols, detectedAt } = methodChange;
  return [
    {
      stage: 'alerts',
      finding: `the source changed its unit or method: ${symbols} of ${ofSymbols} symbols moved by the factor ${factor} ${formatMoment(detectedAt, now)}; no alert rule fires`,
      state: 'DEGRADED',
      next: `curl -sS -X POST -H "X-API-Key: $OPERATOR_KEY" '${baseUrl}/api/alert-rules/method-changes/confirm'`,
      minor: true,
    },
  ];
}
