import { useLayoutEffect, type RefObject } from 'react';
import { formatCount } from '../../kit/format.shared.ts';
import { SymbolName } from '../board/SymbolName.tsx';
import type { ClockZone } from '../timeOfDay.ts';
import { FiringFacts } from './FiringsPanel.tsx';
import type { ReplayEvent } from './replayEvents.ts';

/** The events to choose from. The chosen one stays in sight, and keeps the focus where the list has it. */
export function ReplayList(props: {
  ref: RefObject<HTMLUListElement | null>;
  events: readonly ReplayEvent[];
  /** How many there are in all; `null`: these. */
  of: number | null;
  chosen: string | null;
  zone: ClockZone;
  onChoose: (event: ReplayEvent) => void;
}) {
  const { ref, events, of, chosen, zone, onChoose } = props;
  useLayoutEffect(() => {
    const list = ref.current;
    const item = list?.querySelector<HTMLElement>('[aria-current]');
    if (!list || !item) return;
    if (list.contains(document.activeElement)) item.focus({ preventScroll: true });
    showIn(list, item);
  }, [ref, chosen]);
  const isPart = of !== null && of > events.length;
  return (
    <ul
      ref={ref}
      className="firing-list"
      tabIndex={0}
      aria-label={
        isPart
          ? `The newest ${events.length} of ${formatCount(of)} in the replay`
          : 'Firings of the replay, the newest first'
      }
    >
      {events.map((it) => (
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
            <FiringFacts firing={it} zone={zone} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Scrolls the list alone: the page stays where the viewer reads. */
function showIn(list: HTMLElement, item: HTMLElement): void {
  const [outer, inner] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop += inner.top - outer.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}
