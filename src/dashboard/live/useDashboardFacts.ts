import { DashboardFacts } from '../../openInterest/operator/dashboard.types.ts';
import { useRead } from './useRead.ts';

/** What is set on the server, and how long it runs: asked for by whoever shows it, not before the first paint. */
export function useDashboardFacts(): DashboardFacts | null {
  return useRead('/api/market/open-interest/dashboard', DashboardFacts);
}
