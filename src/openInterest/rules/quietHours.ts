import type { AlertRuleInput } from './rules.types.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether `at`, epoch ms, lies in the quiet hours, which may pass midnight. From and to alike: the whole day. */
export function isQuiet(quietHours: AlertRuleInput['quietHours'], at: number): boolean {
  if (quietHours === null) return false;
  const { from, to, timeZone } = quietHours;
  const time = formatOf(timeZone).format(at);
  return from < to ? time >= from && time < to : time >= from || time < to;
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
