import { useRef, type ReactNode } from 'react';
import { useRowWindow } from '../board/useRowWindow.ts';

const ROW_HEIGHT = 26;

/** A list that renders only the rows in sight: layout of hundreds of rows every second is expensive. */
export function VirtualRows<Item>(props: {
  label: string;
  items: readonly Item[];
  keyOf: (item: Item) => string;
  render: (item: Item) => ReactNode;
}) {
  const { items, keyOf } = props;
  const scroller = useRef<HTMLElement>(null);
  const rows = useRowWindow({ scrollRef: scroller, inner: true, count: items.length, rowHeight: ROW_HEIGHT });
  return (
    <section className="virtual" ref={scroller} aria-label={props.label} tabIndex={0}>
      <ul style={{ height: items.length * ROW_HEIGHT }}>
        {items.slice(rows.from, rows.to).map((item, i) => (
          <li
            key={keyOf(item)}
            aria-setsize={items.length}
            aria-posinset={rows.from + i + 1}
            style={{ height: ROW_HEIGHT, transform: `translateY(${(rows.from + i) * ROW_HEIGHT}px)` }}
          >
            {props.render(item)}
          </li>
        ))}
      </ul>
    </section>
  );
}
