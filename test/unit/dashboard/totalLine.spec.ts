import { describe, expect, it } from '@jest/globals';
import { asSpark } from '../../../src/dashboard/board/totalLine.ts';

describe('the line of total open interest', () => {
  it('lies between the lowest and the highest sum, with gaps, and its change is from the first to the last', () => {
    expect(asSpark([null, 100, 150, null, 200, 110])).toEqual({
      points: [null, 1, 128, null, 255, 26],
      change: expect.closeTo(1_000),
    });
  });

  it('is in the middle where nothing moved', () => {
    expect(asSpark([5, 5])).toEqual({ points: [128, 128], change: 0 });
  });

  it('is none with fewer than two sums', () => {
    expect(asSpark([null, 7, null])).toBeNull();
    expect(asSpark([])).toBeNull();
  });
});
