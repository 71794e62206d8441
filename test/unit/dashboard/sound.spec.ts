import { afterEach, describe, expect, it } from '@jest/globals';
import { createSound } from '../../../src/dashboard/alerts/sound.ts';
import { DEFAULT_SETTINGS } from '../../../src/dashboard/shell/settings.ts';

const ON = { ...DEFAULT_SETTINGS.sound, on: true };

/** A browser's audio, suspended until the first click. Tones are the frequencies that were started. */
function installAudio(given: { clicked: boolean }) {
  const browser = { clicked: given.clicked, tones: [] as number[] };
  const quiet = { setValueAtTime: () => undefined, exponentialRampToValueAtTime: () => undefined };
  class FakeAudioContext {
    state = 'suspended';
    currentTime = 0;
    destination = {};
    resume(): Promise<void> {
      if (!browser.clicked) return new Promise(() => undefined);
      this.state = 'running';
      return Promise.resolve();
    }
    createOscillator() {
      const frequency = { value: 0 };
      const connect = <Node>(node: Node): Node => node;
      return { frequency, connect, start: () => browser.tones.push(frequency.value), stop: () => undefined };
    }
    createGain() {
      return { gain: quiet, connect: <Node>(node: Node): Node => node };
    }
  }
  Object.assign(globalThis, { AudioContext: FakeAudioContext });
  return browser;
}

/** A clock that the test advances; due timers run immediately. */
function createHandClock() {
  let now = 0;
  let waiting: (() => void)[] = [];
  return {
    now: () => now,
    after(_delayMs: number, task: () => void) {
      waiting.push(task);
      return () => undefined;
    },
    async pass(ms: number): Promise<void> {
      now += ms;
      for (const task of waiting.splice(0)) task();
      waiting = [];
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'AudioContext');
});

describe('alert sound', () => {
  it('rises for a spike and falls for a dump, once in three seconds', async () => {
    const browser = installAudio({ clicked: true });
    const clock = createHandClock();
    const sound = createSound(clock);
    sound.play('UP', ON);
    await clock.pass(2_900);
    sound.play('DOWN', ON);
    await clock.pass(100);
    sound.play('DOWN', ON);
    await clock.pass(100);
    const [first = 0, second = 0, third = 0, fourth = 0, ...more] = browser.tones;
    expect([first < second, third > fourth, more]).toEqual([true, true, []]);
  });

  it('is silent where it is switched off', async () => {
    const browser = installAudio({ clicked: true });
    const clock = createHandClock();
    const sound = createSound(clock);
    for (const settings of [
      { ...ON, on: false },
      { ...ON, volume: 0 },
      { ...ON, up: false },
    ]) {
      sound.play('UP', settings);
      await clock.pass(5_000);
    }
    expect(browser.tones).toEqual([]);
  });

  it('reports that the browser blocks it, and does not play missed tones after the click', async () => {
    const browser = installAudio({ clicked: false });
    const clock = createHandClock();
    const sound = createSound(clock);
    sound.play('UP', ON);
    await clock.pass(5_000);
    expect([sound.store.getState().blocked, browser.tones]).toEqual([true, []]);
    browser.clicked = true;
    const tested = sound.test(ON);
    await clock.pass(100);
    await tested;
    expect(sound.store.getState().blocked).toBe(false);
    expect(browser.tones).toHaveLength(2);
  });
});
