// What the charts are made of: rows of counts, with those of the period before beside them.
import { get, type Schemas } from '../api/client';
import { addDays, dayOf, daysBetween, earlierBy, midnight, type Step, wall, weekdayOf } from './calendar';
import type { View } from './view';

type Flag = Schemas['Flags'][number];

// Row is a step. Its numbers are null where nobody watched: there is no zero that was not seen.
export interface Row {
  start: number;
  end: number;
  in: number | null;
  out: number | null;
  rawIn: number | null;
  rawOut: number | null;
  // watched is the observed part of what of the step is over; undefined while it has not begun.
  watched?: number;
  flags: Flag[];
  before?: number | null; // in, in the period before; undefined: not asked
}

type Counted = Schemas['Total'] | Schemas['Count'];

// rowOf is a row as the API tells it. The step that now lies in is measured by what of it is over.
function rowOf(c: Counted, now: number): Row {
  const start = Date.parse(c.start);
  const end = Date.parse(c.end);
  const over = Math.min(end, now) - start;
  const row: Row = {
    start,
    end,
    in: c.in,
    out: c.out,
    rawIn: c.raw_in,
    rawOut: c.raw_out,
    flags: [...c.flags],
  };
  if (over > 0) row.watched = Math.min(1, (c.observed_seconds * 1000) / over);
  // The step that is not over is partial for the server; here it is only if something of it was missed.
  if (end > now && (row.watched ?? 1) >= 0.98) row.flags = row.flags.filter(flag => flag !== 'partial');
  return row;
}

async function counted(
  view: View,
  from: Date,
  to: Date,
  step: Step | undefined,
  signal: AbortSignal,
): Promise<Counted[]> {
  const span = { from: from.toISOString(), to: to.toISOString(), ...(step ? { step } : {}) };
  const { subject } = view;
  if (subject.kind === 'site') {
    return (await get('/sites/{id}/counts', { in: { id: subject.site.id }, query: span, signal })).items;
  }
  if (subject.kind === 'area') {
    return (await get('/areas/{id}/counts', { in: { id: subject.area.id }, query: span, signal })).items;
  }
  const query = { ...span, tz: view.zone, camera: [subject.camera.id], line: [subject.line], limit: 10_000 };
  return (await get('/counts', { query, signal })).items;
}

// Counts is everything that a view shows but who is inside.
export interface Counts {
  rows: Row[];
  total: Row;
  before: Row; // the same part of the period before
  shift: number; // how many days before that is
  asked: number; // when
  peak?: Row; // the busiest hour
  week: WeekHour[];
  weekDays: number; // from how many days the hours of the week were reckoned
}

// WeekHour is an hour of the week: how many come in on average.
export interface WeekHour {
  weekday: number;
  hour: number;
  in: number | null;
  watched: number;
}

const minute = 60_000;

// loadCounts asks for all of it.
export async function loadCounts(view: View, signal: AbortSignal): Promise<Counts> {
  const asked = Date.now();
  const shift = earlierBy(view.period);
  const at = (days: number, day: string) => midnight(addDays(day, days), view.zone);
  const [from, to] = [at(0, view.period.from), at(0, view.period.to)];
  const [fromBefore, toBefore] = [at(-shift, view.period.from), at(-shift, view.period.to)];
  // Until now is compared with until then.
  const until = new Date(Math.max(+from + minute, Math.min(+to, Math.ceil(asked / minute) * minute)));
  const untilBefore = new Date(Math.max(+fromBefore + minute, +toBefore - (+to - +until)));
  const days = daysBetween(view.period.from, view.period.to);
  const [items, earlier, totals, earlierTotals, hours, week] = await Promise.all([
    counted(view, from, to, view.step, signal),
    counted(view, fromBefore, toBefore, view.step, signal),
    counted(view, from, until, undefined, signal),
    counted(view, fromBefore, untilBefore, undefined, signal),
    days <= 62 ? counted(view, from, to, '1h', signal) : [],
    loadWeek(view, signal),
  ]);
  const rows = items.map(c => rowOf(c, asked));
  const then = new Map(earlier.map(c => [wall(Date.parse(c.start), view.zone) + shift * 86_400_000, c.in]));
  for (const row of rows) row.before = then.get(wall(row.start, view.zone)) ?? null;
  const peak = hours
    .map(c => rowOf(c, asked))
    .reduce<Row | undefined>((a, b) => ((b.in ?? 0) > (a?.in ?? 0) ? b : a), undefined);
  return {
    rows,
    total: totals[0] ? rowOf(totals[0], asked) : nothing(from, until),
    before: earlierTotals[0] ? rowOf(earlierTotals[0], asked) : nothing(fromBefore, untilBefore),
    shift,
    asked,
    ...(peak ? { peak } : {}),
    ...week,
  };
}

// nothing is a line that was not there.
function nothing(from: Date, to: Date): Row {
  return { start: +from, end: +to, in: null, out: null, rawIn: null, rawOut: null, watched: 0, flags: [] };
}

// loadWeek reckons the hours of the week over the period; over four weeks where the period is shorter than that.
async function loadWeek(view: View, signal: AbortSignal): Promise<Pick<Counts, 'week' | 'weekDays'>> {
  const end = view.period.to <= view.today ? view.period.to : addDays(view.today, 1);
  const days = Math.min(92, Math.max(28, daysBetween(view.period.from, end)));
  const from = addDays(end, -days);
  const now = Date.now();
  const items = await counted(view, midnight(from, view.zone), midnight(end, view.zone), '1h', signal);
  const cells = new Map<string, { people: number; days: number; watched: number; all: number }>();
  for (const row of items.map(c => rowOf(c, now))) {
    if (row.watched === undefined || row.end > now) continue; // an hour that is not over is no hour yet
    const key = `${weekdayOf(dayOf(row.start, view.zone))} ${new Date(wall(row.start, view.zone)).getUTCHours()}`;
    const cell = cells.get(key) ?? { people: 0, days: 0, watched: 0, all: 0 };
    cell.all++;
    cell.watched += row.watched;
    if (row.in !== null) {
      cell.people += row.in;
      cell.days++;
    }
    cells.set(key, cell);
  }
  const week: WeekHour[] = [];
  for (let i = 0; i < 7; i++) {
    const weekday = (view.firstDay + i) % 7;
    for (let hour = 0; hour < 24; hour++) {
      const cell = cells.get(`${weekday} ${hour}`);
      week.push({
        weekday,
        hour,
        in: cell?.days ? cell.people / cell.days : null,
        watched: cell?.all ? cell.watched / cell.all : 0,
      });
    }
  }
  return { week, weekDays: days };
}

// changeOf is how much more came than before; undefined where not enough of either was watched to say so.
export function changeOf(now: Row, before: Row): number | undefined {
  const enough = (now.watched ?? 0) >= 0.9 && (before.watched ?? 0) >= 0.9;
  if (!enough || now.in === null || !before.in) return undefined;
  return now.in / before.in - 1;
}

// Inside is how many were inside an area, step by step.
export interface Inside {
  start: number;
  end: number;
  average: number | null;
  most: number | null;
  least: number | null;
  watched?: number;
}

export async function loadInside(view: View, signal: AbortSignal): Promise<Inside[]> {
  if (view.subject.kind !== 'area') return [];
  const now = Date.now();
  const to = Math.min(+midnight(view.period.to, view.zone), Math.ceil(now / minute) * minute);
  const query = {
    from: midnight(view.period.from, view.zone).toISOString(),
    to: new Date(to).toISOString(),
    step: insideStep(view),
  };
  const history = await get('/areas/{id}/occupancy/history', { in: { id: view.subject.area.id }, query, signal });
  return history.items.map(step => {
    const start = Date.parse(step.start);
    const end = Date.parse(step.end);
    const inside: Inside = { start, end, average: step.average, most: step.most, least: step.least };
    const over = Math.min(end, now) - start;
    if (over > 0) inside.watched = Math.min(1, (step.observed_seconds * 1000) / over);
    return inside;
  });
}

export function insideStep(view: View): '15m' | '1h' | '1d' {
  const days = daysBetween(view.period.from, view.period.to);
  return days <= 2 ? '15m' : days <= 10 ? '1h' : '1d';
}

// longestInside is for how many days the server reckons who was inside.
export const longestInside = 40;
