// How numbers, shares and times are written, by locale.
import { useMemo } from 'preact/hooks';
import { useSpeech } from './language';

export interface Format {
  number: (n: number, digits?: number) => string;
  share: (part: number, digits?: number) => string;
  change: (part: number) => string;
  day: (at: Date | number, zone: string) => string;
  dayLong: (at: Date | number, zone?: string) => string;
  hour: (at: Date | number, zone?: string) => string;
  second: (at: Date | number, zone?: string) => string;
  moment: (at: Date | number, zone?: string) => string;
  month: (at: Date | number, zone: string) => string;
  weekday: (day: number, style?: 'short' | 'long') => string; // 0 is Sunday
  ago: (seconds: number) => string;
}

function times(locale: string): Omit<Format, 'number' | 'share' | 'change'> {
  const made = new Map<string, Intl.DateTimeFormat>();
  const format = (name: string, options: Intl.DateTimeFormatOptions) => (at: Date | number, zone?: string) => {
    const key = `${name} ${zone}`;
    let formatter = made.get(key);
    if (!formatter) {
      formatter = new Intl.DateTimeFormat(locale, {
        hourCycle: 'h23',
        ...options,
        ...(zone ? { timeZone: zone } : {}),
      });
      made.set(key, formatter);
    }
    return formatter.format(at);
  };
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' });
  const week = (style: 'short' | 'long') => format(style, { weekday: style });
  return {
    day: format('day', { weekday: 'short', day: 'numeric', month: 'short' }),
    dayLong: format('dayLong', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    hour: format('hour', { hour: '2-digit', minute: '2-digit' }),
    second: format('second', { hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    moment: format('moment', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    month: format('month', { month: 'short', year: 'numeric' }),
    weekday: (day, style = 'short') => week(style)(Date.UTC(2026, 2, 1 + day), 'UTC'), // 1 March 2026 is a Sunday
    ago: seconds => {
      if (seconds < 90) return relative.format(-Math.round(seconds), 'second');
      if (seconds < 5400) return relative.format(-Math.round(seconds / 60), 'minute');
      if (seconds < 129600) return relative.format(-Math.round(seconds / 3600), 'hour');
      return relative.format(-Math.round(seconds / 86400), 'day');
    },
  };
}

export function formatOf(locale: string): Format {
  const number = (n: number, digits = 0) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(n);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const signed = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  });
  return {
    number,
    // A share just below the whole must not be rounded to it: 99.96 % watched is not all.
    share: (part, digits = 0) => {
      if (digits === 0) return percent.format(part < 1 && part > 0.99 ? 0.99 : part);
      return `${number(Math.min(part * 100, part < 1 ? 99.9 : 100), digits)} %`;
    },
    change: part => signed.format(part),
    ...times(locale),
  };
}

export function useFormat(): Format {
  const { locale } = useSpeech();
  return useMemo(() => formatOf(locale), [locale]);
}
