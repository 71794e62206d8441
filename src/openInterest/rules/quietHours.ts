import { BoundedMap } from '../../kit/boundedMap.ts';
import { MINUTE_MS } from '../../kit/clock.ts';
import type { AlertRuleInput } from './rules.types.ts';

const DAY_MIN = 24 * 60;
/** Less than a clock is ever set forward, so that the end of quiet hours is met on that day too. */
const LONGEST_STEP_MIN = 30;

/** More than there are zones; but a user may write the name of each in thousands of ways. */
const MAX_FORMATS = 1_000;
const formats = new BoundedMap<string, Intl.DateTimeFormat>(MAX_FORMATS);

/** Whether `at`, epoch ms, lies in the quiet hours, which may pass midnight. From and to alike: the whole day. */
export function isQuiet(quietHours: AlertRuleInput['quietHours'], at: number): boolean {
  if (quietHours === null) return false;
  const { from, to, timeZone } = quietHours;
  const time = formatOf(timeZone).format(at);
  return from < to ? time >= from && time < to : time >= from || time < to;
}

/** When the quiet hours around `at` end, epoch ms; `null`: they last the whole day. */
export function endOfQuiet(quietHours: AlertRuleInput['quietHours'], at: number): number | null {
  if (quietHours === null || quietHours.from === quietHours.to) return null;
  const { to, timeZone } = quietHours;
  const start = Math.floor(at / MINUTE_MS) * MINUTE_MS;
  let end = start;
  while (isQuiet(quietHours, end)) {
    const left = (minutesOf(to) - minutesOf(formatOf(timeZone).format(end)) + DAY_MIN) % DAY_MIN;
    end += Math.min(left, LONGEST_STEP_MIN) * MINUTE_MS;
  }
  // A step may pass the end where the clock is set forward over it.
  while (end > start && !isQuiet(quietHours, end - MINUTE_MS)) end -= MINUTE_MS;
  return end;
}

/**
 * When and to which channels a rule sends what fires at `at`, epoch ms: at the end of its quiet hours, and to none if these last
 * the whole day. `sendAt` is `null` for at once.
 */
export function sendingOf(
  { quietHours, channelIds }: Pick<AlertRuleInput, 'quietHours' | 'channelIds'>,
  at: number,
): { quiet: boolean; sendAt: number | null; channelIds: string[] } {
  const quiet = isQuiet(quietHours, at);
  const sendAt = quiet ? endOfQuiet(quietHours, at) : null;
  return { quiet, sendAt, channelIds: quiet && sendAt === null ? [] : channelIds };
}

/** Of `HH:MM`, since midnight. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** A format takes as long to make as thousands of dates to write. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  return format;
}
