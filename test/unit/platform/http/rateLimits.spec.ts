import { afterEach, describe, expect, it, jest } from '@jest/globals';
import express from 'express';
import request from 'supertest';
import { createErrorHandler } from '../../../../src/platform/http/errorHandler.ts';
import { createRateLimits } from '../../../../src/platform/http/rateLimits.ts';
import { createSteadyWindows } from '../../../../src/platform/http/steadyWindows.ts';
import { silentLogger } from '../../../support/silentLogger.ts';

afterEach(() => void jest.restoreAllMocks());

describe('a limit per minute', () => {
  it.each([-3_600_000, 3_600_000])(
    'M3 lasts a minute when the clock is set by %i ms meanwhile',
    async (ms) => {
      const limits = createRateLimits({ ingestPerMin: 0, readPerMin: 2, authFailuresPerMin: 0 });
      const app = express();
      app.use(limits.read!, (_request, response) => void response.end('ok'));
      app.use(createErrorHandler(silentLogger));
      await request(app).get('/');
      const real = Date.now.bind(Date);
      jest.spyOn(Date, 'now').mockImplementation(() => real() + ms);
      expect((await request(app).get('/')).status).toBe(200);
      const refused = await request(app).get('/');
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    },
  );

  it('C5 drops each caller when its minute is over', async () => {
    let now = 0;
    const windows = createSteadyWindows(() => now);
    void windows.init?.({ windowMs: 60_000 } as never);
    const hitsOf = async (key: string) => (await windows.increment(key)).totalHits;
    expect([await hitsOf('ada'), await hitsOf('ada'), await hitsOf('bob')]).toEqual([1, 2, 1]);
    now = 59_999;
    expect([await hitsOf('ada'), await hitsOf('cay')]).toEqual([3, 1]);
    now = 60_000;
    expect([await hitsOf('ada'), await hitsOf('bob'), await hitsOf('cay')]).toEqual([1, 1, 2]);
  });
});
