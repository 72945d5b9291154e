// Days in the calendar of a site. A day is a word such as 2026-03-01; where a day begins depends on the zone.
export type Day = string;

const formatters = new Map<string, Intl.DateTimeFormat>();

// wall is what a clock in the zone shows at a moment, as if it were UTC, in milliseconds.
export function wall(at: number, zone: string): number {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formatters.set(zone, formatter);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

// midnight is when a day begins. Where clocks skip midnight it is the hour after.
export function midnight(day: Day, zone: string): Date {
  const want = Date.parse(`${day}T00:00:00Z`);
  let at = want - (wall(want, zone) - want);
  at += want - wall(at, zone);
  return new Date(at);
}

export const dayOf = (at: number, zone: string): Day => new Date(wall(at, zone)).toISOString().slice(0, 10);

export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

export const daysBetween = (from: Day, to: Day): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

// weekdayOf is 0 on Sundays.
export const weekdayOf = (day: Day): number => new Date(`${day}T00:00:00Z`).getUTCDay();

const validDay = /^\d{4}-\d{2}-\d{2}$/;
export const isDay = (text: string | null): text is Day =>
  Boolean(text && validDay.test(text) && !Number.isNaN(Date.parse(text)));

// noon is a moment that lies on a day in every zone that it is shown in, for writing the day.
export const noon = (day: Day): Date => new Date(`${day}T12:00:00Z`);

export const presets = [
  'today',
  'yesterday',
  'week',
  'last-week',
  '7-days',
  '28-days',
  'month',
  'last-month',
  'year',
] as const;
export type Preset = (typeof presets)[number];

// Period is days, the last of them not included.
export interface Period {
  preset?: Preset;
  from: Day;
  to: Day;
}

function monthOf(day: Day, months: number): Day {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

// periodOf is what a preset means on a day. Weeks begin on a weekday of the site.
export function periodOf(preset: Preset, today: Day, firstDay: number): Period {
  const tomorrow = addDays(today, 1);
  const week = addDays(today, -((weekdayOf(today) - firstDay + 7) % 7));
  const spans: Record<Preset, [Day, Day]> = {
    today: [today, tomorrow],
    yesterday: [addDays(today, -1), today],
    week: [week, addDays(week, 7)],
    'last-week': [addDays(week, -7), week],
    '7-days': [addDays(today, -7), today],
    '28-days': [addDays(today, -28), today],
    month: [monthOf(today, 0), monthOf(today, 1)],
    'last-month': [monthOf(today, -1), monthOf(today, 0)],
    year: [addDays(today, -364), today],
  };
  const [from, to] = spans[preset];
  return { preset, from, to };
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
export const weekdayNamed = (name: string | undefined): number => {
  const found = weekdays.findIndex(day => name && day.startsWith(name.slice(0, 3).toLowerCase()));
  return found < 0 ? 1 : found;
};

export const steps = ['15m', '1h', '1d', '1w', '1mo'] as const;
export type Step = (typeof steps)[number];

// stepsFor are the steps that make sense for so many days, the usual one first.
export function stepsFor(days: number): Step[] {
  if (days <= 2) return ['1h', '15m'];
  if (days <= 15) return ['1d', '1h'];
  if (days <= 92) return ['1d', '1w'];
  return ['1w', '1d', '1mo'];
}

// earlierBy is how many days before a period lies the one that it is compared with: whole weeks, so that a Saturday is
// compared with a Saturday.
export const earlierBy = (p: Period): number => Math.max(1, Math.ceil(daysBetween(p.from, p.to) / 7)) * 7;
