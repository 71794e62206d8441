import { createStore } from 'zustand/vanilla';
import type { Direction } from '../../openInterest/openInterest.types.ts';
import type { Settings } from '../shell/settings.ts';
import type { SyncClock } from '../../client/sync.types.ts';

const ONCE_PER_MS = 3_000;
const LOW_HZ = 523;
const HIGH_HZ = 784;
const TONE_SEC = 0.08;
const WAKES_WITHIN_MS = 100;

/** The sound of alerts. `blocked`: the browser wants a click before it lets this page make a sound. */
export function createSound(clock: SyncClock) {
  const store = createStore(() => ({ blocked: false }));
  let context: AudioContext | undefined;
  let lastAt = -Infinity;

  /** Tones scheduled on a blocked context would all sound when it is unblocked, so its state is read first. */
  async function ring(direction: Direction, volume: number): Promise<void> {
    context ??= new AudioContext();
    if (context.state !== 'running') {
      // The promise of a blocked context never settles, so its state is polled once.
      void context.resume().catch(() => undefined);
      await new Promise<void>((resolve) => void clock.after(WAKES_WITHIN_MS, resolve));
    }
    const blocked = context.state !== 'running';
    store.setState({ blocked });
    if (blocked) return;
    const frequencies = direction === 'UP' ? [LOW_HZ, HIGH_HZ] : [HIGH_HZ, LOW_HZ];
    for (const [i, frequency] of frequencies.entries()) {
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      const at = context.currentTime + i * TONE_SEC;
      oscillator.frequency.value = frequency;
      // Loudness is perceived as a ratio: squaring makes the lower half of the slider useful.
      gain.gain.setValueAtTime((volume / 100) ** 2 * 0.5, at);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + TONE_SEC);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(at);
      oscillator.stop(at + TONE_SEC);
    }
  }

  return {
    store,
    /** Two short tones, rising for a spike and falling for a dump; at most once in three seconds. */
    play(direction: Direction, { on, volume, up, down }: Settings['sound']) {
      if (!on || volume === 0 || !(direction === 'UP' ? up : down)) return;
      if (clock.now() - lastAt < ONCE_PER_MS) return;
      lastAt = clock.now();
      void ring(direction, volume);
    },
    /** Called from a click, which is what unblocks sound. */
    test: ({ volume }: Settings['sound']) => ring('UP', volume),
  };
}
