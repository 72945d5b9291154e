// What is looked at, as it stands in the address: a subject, a period, a step.
import { useMemo } from 'preact/hooks';
import { type Area, type Camera, cameras, get, type Site } from '../api/client';
import { type Answered, useAnswer } from '../ui/answer';
import { useRouter } from '../ui/router';
import {
  addDays,
  type Day,
  dayOf,
  daysBetween,
  isDay,
  type Period,
  type Preset,
  periodOf,
  presets,
  type Step,
  stepsFor,
  weekdayNamed,
} from './calendar';

// Places are all that can be looked at.
export interface Places {
  sites: Site[];
  areas: Area[];
  cameras: Camera[];
}

export function usePlaces(): Answered<Places> {
  return useAnswer('places', async signal => {
    const [sites, areas, found] = await Promise.all([
      get('/sites', { signal }),
      get('/areas', { signal }),
      cameras(signal),
    ]);
    return { sites: sites.items, areas: areas.items, cameras: found };
  });
}

// Subject is whose counts are looked at.
export type Subject =
  | { kind: 'site'; site: Site }
  | { kind: 'area'; site: Site; area: Area }
  | { kind: 'line'; site?: Site; camera: Camera; line: string };

export interface View {
  subject: Subject;
  zone: string;
  firstDay: number; // of the week, 0 is Sunday
  today: Day;
  period: Period;
  step: Step;
  steps: Step[];
}

export const lineName = (camera: Camera, line: string): string => camera.lines.find(l => l.id === line)?.name || line;

export function nameOf(subject: Subject): string {
  if (subject.kind === 'site') return subject.site.name;
  if (subject.kind === 'area') return subject.area.name;
  return `${subject.camera.name}, ${lineName(subject.camera, subject.line)}`;
}

function subjectOf(places: Places, query: URLSearchParams): Subject | undefined {
  const [cameraID, line] = (query.get('line') ?? '').split('/');
  const camera = places.cameras.find(c => c.id === cameraID);
  const area = places.areas.find(a => a.id === query.get('area'));
  const site = places.sites.find(s => s.id === (area?.site ?? query.get('site'))) ?? places.sites[0];
  if (camera && line) return { kind: 'line', camera, line, ...(site ? { site } : {}) };
  if (area && site) return { kind: 'area', site, area };
  if (site) return { kind: 'site', site };
  const first = places.cameras.find(c => c.lines.length > 0);
  return first?.lines[0] && { kind: 'line', camera: first, line: first.lines[0].id };
}

function periodIn(query: URLSearchParams, today: Day, firstDay: number): Period {
  const from = query.get('from');
  const to = query.get('to');
  if (isDay(from) && isDay(to) && from < to && daysBetween(from, to) <= 366) return { from, to };
  const preset = presets.find(p => p === query.get('period')) ?? 'today';
  return periodOf(preset, today, firstDay);
}

// useView reads the address.
export function useView(places: Places): View | undefined {
  const { query } = useRouter();
  return useMemo(() => {
    const subject = subjectOf(places, query);
    if (!subject) return undefined;
    const zone = subject.site?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const firstDay = weekdayNamed(subject.site?.week_starts);
    const today = dayOf(Date.now(), zone);
    const period = periodIn(query, today, firstDay);
    const possible = stepsFor(daysBetween(period.from, period.to));
    const step = possible.find(s => s === query.get('step')) ?? (possible[0] as Step);
    return { subject, zone, firstDay, today, period, step, steps: possible };
  }, [places, query]);
}

// changes are those of the address that choose something.
export const choose = {
  subject: (site?: string, area?: string, line?: string) => ({ site, area, line }),
  preset: (preset: Preset) => ({
    period: preset === 'today' ? undefined : preset,
    from: undefined,
    to: undefined,
    step: undefined,
  }),
  days: (from: Day, last: Day) => ({ period: undefined, from, to: addDays(last, 1), step: undefined }),
};

// linkTo is an address that shows the same days tomorrow.
export function linkTo(view: View): string {
  const url = new URL(location.href);
  url.searchParams.delete('period');
  url.searchParams.set('from', view.period.from);
  url.searchParams.set('to', view.period.to);
  return url.toString();
}
