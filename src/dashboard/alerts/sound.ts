import type { Direction } from '../../openInterest/openInterest.types.ts';
import type { Settings } from '../shell/settings.ts';
import type { SyncClock } from '../sync/sync.types.ts';

export type Sound = {
  /** Two short tones, rising for a spike and falling for a dump; at most once in three seconds. */
  play(direction: Direction, settings: Settings['sound']): void;
  /** What the switch plays: the click that it comes from is what browsers want before they let a page make a sound. */
  test(settings: Settings['sound']): Promise<boolean>;
};

const ONCE_PER_MS = 3_000;
const LOW_HZ = 523;
const HIGH_HZ = 784;
const TONE_SEC = 0.08;

export function createSound(clock: SyncClock): Sound {
  let context: AudioContext | undefined;
  let lastAt = -Infinity;

  function ring(direction: Direction, volume: number): void {
    context ??= new AudioContext();
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
      ring(direction, volume);
    },
    async test({ volume }) {
      context ??= new AudioContext();
      // A blocked context never answers, so it is looked at rather than waited for.
      void context.resume().catch(() => undefined);
      await new Promise<void>((resolve) => void clock.after(100, resolve));
      if (context.state !== 'running') return false;
      ring('UP', volume);
      return true;
    },
  };
}
