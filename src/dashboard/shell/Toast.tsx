import { useEffect } from 'react';
import { useStore, type Store } from '../live/store.ts';

const SHOWN_MS = 8_000;

/** One sentence about something that just happened; goes away by itself. */
export function Toast({ notice }: { notice: Store<string> }) {
  const text = useStore(notice);
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => notice.set(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text, notice]);
  return (
    <div className="toast-place" role="status">
      {text !== '' && <p className="toast">{text}</p>}
    </div>
  );
}
