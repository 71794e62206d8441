import { Board } from './Board.tsx';
import { StartedDashboard } from './StartedDashboard.tsx';

/** `/`: loads the session, then the board. */
export function DashboardPage() {
  return (
    <StartedDashboard>
      <Board />
    </StartedDashboard>
  );
}
