import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, type ReactNode } from 'react';

const OVERSCAN = 6;

/** A list of which only what is in sight is drawn: hundreds of rows that change every second would cost layout. */
export function VirtualRows<Item>(props: {
  label: string;
  items: readonly Item[];
  rowHeight: number;
  keyOf: (item: Item) => string;
  render: (item: Item) => ReactNode;
}) {
  const { items, rowHeight, keyOf } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getItemKey: (index) => keyOf(items[index]!),
    // React 19 warns when layout effects flush synchronously.
    useFlushSync: false,
  });

  return (
    <div className="virtual" ref={scroller} role="region" aria-label={props.label} tabIndex={0}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (!item) return null;
          return (
            <li
              key={row.key}
              aria-setsize={items.length}
              aria-posinset={row.index + 1}
              style={{ height: rowHeight, transform: `translateY(${row.start}px)` }}
            >
              {props.render(item)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
