import type { Page } from 'playwright-core';
import type { Settings } from '../../../src/dashboard/shell/settings.ts';

/**
 * Writes down what the page lets people hear and see outside of it: `window.tones` (Hz, in the order in which they were
 * started), `window.tonesAt` (ms, of the same), `window.notifications`, `window.shown` (the same as objects), and `window.asked`, how often it asked for permission.
 */
export function watchSenses(
  page: Page,
  options: { audio?: 'running' | 'suspended'; settings?: Partial<Settings> } = {},
): Promise<unknown> {
  const { audio = 'running', settings } = options;
  return page.addInitScript(
    ({ state, remembered }) => {
      if (remembered) localStorage.setItem('oi.layout.v1', JSON.stringify(remembered));
      const seen = Object.assign(window, {
        tones: [] as number[],
        tonesAt: [] as number[],
        notifications: [] as unknown[],
        shown: [] as Notification[],
        asked: 0,
        unblock: () => {
          allowed = 'running';
        },
      });
      let allowed = state;
      const quiet = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
      class QuietContext {
        currentTime = 0;
        destination = {};
        get state(): string {
          return allowed;
        }
        resume(): Promise<void> {
          return Promise.resolve();
        }
        createOscillator() {
          const frequency = { value: 0 };
          return {
            frequency,
            connect: <Node>(node: Node) => node,
            start() {
              seen.tones.push(frequency.value);
              seen.tonesAt.push(performance.now());
            },
            stop() {},
          };
        }
        createGain() {
          return { gain: quiet, connect: <Node>(node: Node) => node };
        }
      }
      class WatchedNotification extends Notification {
        constructor(title: string, given?: NotificationOptions) {
          super(title, given);
          seen.notifications.push({ title, options: given });
          seen.shown.push(this);
        }
        static override requestPermission(): Promise<NotificationPermission> {
          seen.asked += 1;
          return Promise.resolve('default');
        }
      }
      Object.assign(window, { AudioContext: QuietContext, Notification: WatchedNotification });
    },
    { state: audio, remembered: settings ?? null },
  );
}

export type Senses = {
  tones: number[];
  notifications: { title: string; options: NotificationOptions }[];
  asked: number;
};

export function readSenses(page: Page): Promise<Senses> {
  return page.evaluate(() => {
    const { tones, notifications, asked } = window as unknown as Senses;
    return { tones, notifications, asked };
  });
}

/** When each sound began: two tones make one. */
export async function readSoundTimes(page: Page): Promise<number[]> {
  const times = await page.evaluate(() => (window as unknown as { tonesAt: number[] }).tonesAt);
  return times.filter((_, i) => i % 2 === 0);
}

/** As if another tab lay over it. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (isHidden ? 'hidden' : 'visible'),
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
