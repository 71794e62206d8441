import { DashboardFacts } from '../../openInterest/operator/dashboard.types.ts';
import { useRead } from './useRead.ts';

/** Settings and uptime of the server: requested by the components that show them, after the first paint. */
export function useDashboardFacts(): DashboardFacts | null {
  return useRead('/api/market/open-interest/dashboard', DashboardFacts);
}
