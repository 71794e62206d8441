import { describe, expect, it } from '@jest/globals';
import { REORDER_EVERY_MS, holdOrder, type HeldOrder } from '../../../src/dashboard/board/orderHold.ts';

const start = holdOrder(null, { order: ['A', 'B', 'C'], of: 'usd', now: 0, busy: false });

function later(
  order: string[],
  given: Partial<Parameters<typeof holdOrder>[1]> = {},
  from: HeldOrder = start,
) {
  return holdOrder(from, { order, of: 'usd', now: REORDER_EVERY_MS, busy: false, ...given });
}

describe('order of rows', () => {
  it('is kept between reorders, with the number of rows that would move', () => {
    const held = later(['B', 'A', 'C'], { now: REORDER_EVERY_MS - 1 });
    expect(held).toMatchObject({ order: ['A', 'B', 'C'], moved: 2 });
    expect(later(['B', 'A', 'C']).order).toEqual(['B', 'A', 'C']);
  });

  it('is kept while the viewer interacts with rows, and updates when they leave or apply', () => {
    const held = later(['C', 'B', 'A'], { busy: true, now: 60_000 });
    expect(held).toMatchObject({ order: ['A', 'B', 'C'], moved: 2 });
    expect(later(['C', 'B', 'A'], { now: 60_001 }, held)).toMatchObject({ order: ['C', 'B', 'A'], moved: 0 });
    expect(later(['C', 'B', 'A'], { busy: true, apply: true, now: 60_001 }, held).moved).toBe(0);
  });

  it('follows another sort or filter immediately', () => {
    expect(later(['C', 'B', 'A'], { of: 'd60', busy: true, now: 1 }).order).toEqual(['C', 'B', 'A']);
  });

  it('appends new symbols and keeps the place of removed ones until rows move', () => {
    const held = later(['D', 'A', 'C'], { busy: true, now: 1 });
    expect(held.order).toEqual(['A', 'B', 'C', 'D']);
    expect(held.moved).toBeGreaterThan(0);
    expect(later(['D', 'A', 'C'], {}, held).order).toEqual(['D', 'A', 'C']);
  });

  it('is the same object while nothing would move', () => {
    expect(later(['A', 'B', 'C'], { now: 100 })).toBe(start);
  });
});
