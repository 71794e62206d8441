import type { Direction } from '../../openInterest/openInterest.types.ts';
import { createStore, type Store } from '../live/store.ts';
import type { Settings } from '../shell/settings.ts';
import type { SyncClock } from '../sync/sync.types.ts';

export type Sound = {
  /** Two short tones, rising for a spike and falling for a dump; at most once in three seconds. */
  play(direction: Direction, settings: Settings['sound']): void;
  /** What the switch plays: the click that it comes from is what browsers want before they let a page make a sound. */
  test(settings: Settings['sound']): Promise<void>;
  /** The browser wants a click before it lets this page make a sound: an alert was silent, or the test was. */
  blocked: Store<boolean>;
};

const ONCE_PER_MS = 3_000;
const LOW_HZ = 523;
const HIGH_HZ = 784;
const TONE_SEC = 0.08;
const WAKES_WITHIN_MS = 100;

export function createSound(clock: SyncClock): Sound {
  const blocked = createStore(false);
  let context: AudioContext | undefined;
  let lastAt = -Infinity;

  /** Tones given to a blocked context would all sound at once when it is unblocked, so it is asked first. */
  async function ring(direction: Direction, volume: number): Promise<void> {
    context ??= new AudioContext();
    if (context.state !== 'running') {
      // A blocked context never answers, so it is looked at rather than waited for.
      void context.resume().catch(() => undefined);
      await new Promise<void>((resolve) => void clock.after(WAKES_WITHIN_MS, resolve));
    }
    blocked.set(context.state !== 'running');
    if (blocked.get()) return;
    const frequencies = direction === 'UP' ? [LOW_HZ, HIGH_HZ] : [HIGH_HZ, LOW_HZ];
    for (const [i, frequency] of frequencies.entries()) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      const at = context.currentTime + i * TONE_SEC;
      oscillator.frequency.value = frequency;
      // Loudness is heard as a ratio: squared, the lower half of the slider is worth something.
      gain.gain.setValueAtTime((volume / 100) ** 2 * 0.5, at);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + TONE_SEC);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(at);
      oscillator.stop(at + TONE_SEC);
    }
  }

  return {
    play(direction, { on, volume, up, down }) {
      if (!on || volume === 0 || !(direction === 'UP' ? up : down)) return;
      if (clock.now() - lastAt < ONCE_PER_MS) return;
      lastAt = clock.now();
      void ring(direction, volume);
    },
    test: ({ volume }) => ring('UP', volume),
    blocked,
  };
}
