import { useLayoutEffect, type RefObject } from 'react';
import { formatCount } from '../../kit/format.shared.ts';
import { SymbolName } from '../board/SymbolName.tsx';
import { Button } from '../shell/Button.tsx';
import type { ClockZone } from '../timeOfDay.ts';
import { FiringFacts, FiringSize, FiringTime } from './FiringFacts.tsx';
import type { ReplayEvent } from './replayEvents.ts';

/** The events to choose from. The chosen one stays in sight, and keeps the focus where the list has it. */
export function ReplayList(props: {
  ref: RefObject<HTMLUListElement | null>;
  events: readonly ReplayEvent[];
  /** As many are in the list; a button adds more. */
  most: number;
  chosen: string | null;
  /** The end of the replay. */
  now: number;
  zone: ClockZone;
  onChoose: (event: ReplayEvent) => void;
  onMore: () => void;
}) {
  const { ref, events, most, chosen, now, zone, onChoose, onMore } = props;
  useLayoutEffect(() => {
    const list = ref.current;
    const item = list?.querySelector<HTMLElement>('[aria-current]');
    if (!list || !item) return;
    if (list.contains(document.activeElement)) item.focus({ preventScroll: true });
    showIn(list, item);
  }, [ref, chosen]);
  const hidden = events.length - most;
  return (
    <ul
      ref={ref}
      className="firing-list"
      tabIndex={0}
      aria-label={
        hidden > 0
          ? `The newest ${formatCount(most)} of ${formatCount(events.length)} in the replay`
          : 'Firings of the replay, the newest first'
      }
    >
      {events.slice(0, most).map((it) => (
        <li key={it.id} data-symbol={it.symbol}>
          <button
            type="button"
            className="firing-choice"
            aria-current={it.id === chosen ? 'true' : undefined}
            onClick={() => onChoose(it)}
          >
            <span className="firing-symbol">
              <SymbolName symbol={it.symbol} />
            </span>
            <FiringSize firing={it} />
            <FiringFacts firing={it} />
            <FiringTime at={it.firedAt} now={now} zone={zone} />
          </button>
        </li>
      ))}
      {hidden > 0 && (
        <li className="list-more">
          <span className="muted">
            The newest {formatCount(most)} of {formatCount(events.length)} are listed.
          </span>
          <Button onClick={onMore}>Show older</Button>
        </li>
      )}
    </ul>
  );
}

/** Scrolls the list alone: the page stays where the viewer reads. */
function showIn(list: HTMLElement, item: HTMLElement): void {
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop += inner.top - outer.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}
