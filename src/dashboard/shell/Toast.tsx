import { useEffect } from 'react';
import { useDashboard, usePage } from './useDashboard.ts';

const SHOWN_MS = 8_000;

/** A sentence about something that just happened; it disappears after eight seconds. */
export function Toast() {
  const { page } = useDashboard();
  const notice = usePage((it) => it.notice);
  useEffect(() => {
    if (notice === '') return;
    const timer = setTimeout(() => page.setState({ notice: '' }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice, page]);
  return (
    <div className="toast-place" role="status">
      {notice !== '' && <p className="toast">{notice}</p>}
    </div>
  );
}
