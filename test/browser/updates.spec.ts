import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aChunk, symbolNames } from '../support/builders.ts';
import { postChunk } from '../support/openInterestCalls.ts';
import { untilLabel, untilState } from './support/pageProbe.ts';
import { openStage, type Stage } from './support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.leave());
afterAll(() => stage.close());

describe('a sweep', () => {
  it('B01 first', async () => {
    await postChunk(stage.server, aChunk(symbolNames(43), { ts: stage.clock.now() }));
    const { page, traffic } = await stage.visit();
    await untilState(page, 'live');
    await untilLabel(page, /^OI updated \ds ago · 43\/43 live$/);
    expect(traffic.sockets()).toBe(1);
  });
});
