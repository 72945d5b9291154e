// The figures of the counts page, each with its table.
import { useMemo } from 'preact/hooks';
import type { Area } from '../api/client';
import { useAnswer } from '../ui/answer';
import { type Format, useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Button, Empty } from '../ui/parts';
import { useRouter } from '../ui/router';
import { daysBetween, type Step, wall } from './calendar';
import { type Bucket, Chart, type Curve } from './chart';
import { Figure, type Key } from './figure';
import { Heat } from './heat';
import { type Counts, type Inside, insideStep, loadInside, longestInside, type Row } from './series';
import type { Table } from './table';
import { choose, nameOf, type View } from './view';

// timesOf writes the steps of a view: short below an axis, long where there is room. Of several days in hours, the days
// are what stands below the axis.
function timesOf(format: Format, zone: string, step: Step, days: number): (start: number, end: number) => Bucket {
  return (start, end) => {
    if (step === '1mo') return { short: format.month(start, zone), long: format.month(start, zone) };
    const day = format.day(start, zone);
    if (step === '1w') return { short: day, long: `${day} – ${format.day(end - 1, zone)}` };
    if (step === '1d') return { short: day, long: format.dayLong(start, zone) };
    const long = `${day}, ${format.hour(start, zone)}–${format.hour(end, zone)}`;
    if (days === 1) return { short: format.hour(start, zone), long };
    return { short: day, long, major: wall(start, zone) % 86_400_000 === 0 };
  };
}

interface FigureProps {
  view: View;
  counts: Counts;
}

function useBuckets(view: View, rows: { start: number; end: number; watched?: number }[], step: Step): Bucket[] {
  const format = useFormat();
  return useMemo(() => {
    const times = timesOf(format, view.zone, step, daysBetween(view.period.from, view.period.to));
    return rows.map(row => ({ ...times(row.start, row.end), watched: row.watched }));
  }, [rows, format, step]);
}

// begun are the rows that are not in the future: they have nothing to tell.
const begun = (rows: Row[]): Row[] => rows.filter(row => row.watched !== undefined);

function useTable(view: View, counts: Counts, buckets: Bucket[]): Table {
  const words = useWords();
  const format = useFormat();
  return useMemo(() => {
    const rows = begun(counts.rows);
    const n = (value: number | null | undefined) => (value == null ? null : format.number(value));
    return {
      columns: [
        { title: words.counts.time, key: 'start' },
        { title: words.common.in, key: 'in', figure: true },
        { title: words.common.out, key: 'out', figure: true },
        { title: words.counts.earlier(counts.shift), key: 'earlier_in', figure: true },
        { title: words.counts.rawIn, key: 'raw_in', figure: true },
        { title: words.counts.rawOut, key: 'raw_out', figure: true },
        { title: words.counts.watchedShort, key: 'coverage', figure: true },
        { title: words.counts.flags, key: 'flags' },
      ],
      rows: rows.map((r, i) => [
        buckets[i]?.long ?? '',
        n(r.in),
        n(r.out),
        n(r.before),
        n(r.rawIn),
        n(r.rawOut),
        format.share(r.watched ?? 0, 1),
        r.flags.map(flag => words.flags[flag]).join(', '),
      ]),
      raw: rows.map(r => [
        new Date(r.start).toISOString(),
        r.in,
        r.out,
        r.before ?? null,
        r.rawIn,
        r.rawOut,
        (r.watched ?? 0).toFixed(4),
        r.flags.join(' '),
      ]),
    };
  }, [counts, buckets, words, format, view]);
}

const fileOf = (view: View, what: string): string =>
  `footfall-${what}-${nameOf(view.subject).replace(/[^\p{L}\p{N}]+/gu, '-')}-${view.period.from}`.toLowerCase();

const hatchKey = (rows: { watched?: number }[], name: string): Key[] =>
  rows.some(row => row.watched !== undefined && row.watched < 0.98) ? [{ name, colour: '--hatch', look: 'hatch' }] : [];

export function FootfallFigure({ view, counts }: FigureProps) {
  const words = useWords();
  const format = useFormat();
  const buckets = useBuckets(view, counts.rows, view.step);
  const table = useTable(view, counts, buckets);
  const earlier = words.counts.earlier(counts.shift);
  const curves = useMemo<Curve[]>(
    () => [
      { name: words.counts.cameIn, values: counts.rows.map(r => r.in), colour: '--in', look: 'bars' },
      { name: earlier, values: counts.rows.map(r => r.before), colour: '--before', look: 'line' },
    ],
    [counts, words],
  );
  return (
    <Figure
      title={words.counts.footfall}
      wide
      file={fileOf(view, 'footfall')}
      table={table}
      keys={[
        { name: words.counts.cameIn, colour: '--in' },
        { name: earlier, colour: '--before', look: 'line' },
        ...hatchKey(counts.rows, words.counts.notWatched),
      ]}
    >
      <Chart
        label={words.counts.chartOf(words.counts.footfall, counts.rows.length)}
        buckets={buckets}
        curves={curves}
        write={format.number}
        writeWatched={part => words.counts.watched(format.share(part))}
        height={280}
      />
    </Figure>
  );
}

export function WaysFigure({ view, counts }: FigureProps) {
  const words = useWords();
  const format = useFormat();
  const buckets = useBuckets(view, counts.rows, view.step);
  const table = useTable(view, counts, buckets);
  const curves = useMemo<Curve[]>(
    () => [
      { name: words.common.in, values: counts.rows.map(r => r.in), colour: '--in', look: 'bars' },
      { name: words.common.out, values: counts.rows.map(r => r.out), colour: '--out', look: 'bars', down: true },
    ],
    [counts, words],
  );
  return (
    <Figure
      title={words.counts.ways}
      file={fileOf(view, 'in-out')}
      table={table}
      keys={[
        { name: words.common.in, colour: '--in' },
        { name: words.common.out, colour: '--out' },
        ...hatchKey(counts.rows, words.counts.notWatched),
      ]}
    >
      <Chart
        label={words.counts.chartOf(words.counts.ways, counts.rows.length)}
        buckets={buckets}
        curves={curves}
        write={format.number}
        writeWatched={part => words.counts.watched(format.share(part))}
      />
    </Figure>
  );
}

export function WeekFigure({ view, counts }: FigureProps) {
  const words = useWords();
  const format = useFormat();
  const table = useMemo<Table>(
    () => ({
      columns: [
        { title: words.counts.weekday, key: 'weekday' },
        { title: words.counts.hour, key: 'hour', figure: true },
        { title: words.counts.averageIn, key: 'average_in', figure: true },
        { title: words.counts.watchedShort, key: 'coverage', figure: true },
      ],
      rows: counts.week.map(c => [
        format.weekday(c.weekday, 'long'),
        c.hour,
        c.in === null ? null : format.number(c.in, 1),
        format.share(c.watched, 1),
      ]),
      raw: counts.week.map(c => [c.weekday, c.hour, c.in === null ? null : c.in.toFixed(2), c.watched.toFixed(4)]),
    }),
    [counts, words, format],
  );
  return (
    <Figure
      title={words.counts.week}
      note={words.counts.weekNote(counts.weekDays)}
      wide
      file={fileOf(view, 'week')}
      table={table}
    >
      <Heat week={counts.week} label={words.counts.week} />
    </Figure>
  );
}

export function InsideFigure({ view, areas }: { view: View; areas: Area[] }) {
  const words = useWords();
  const { ask } = useRouter();
  const { subject, period } = view;
  const long = daysBetween(period.from, period.to) > longestInside;
  const id = subject.kind === 'area' ? subject.area.id : '';
  const key = `inside ${id} ${period.from} ${period.to}`;
  const asked = useAnswer(key, signal => (id && !long ? loadInside(view, signal) : Promise.resolve([])), 60_000);
  if (!id || long) {
    return (
      <figure class="figure-card card no-print">
        <figcaption>
          <h2>{words.counts.inside}</h2>
        </figcaption>
        <Empty title={long ? words.counts.insideTooLong(longestInside) : words.counts.chooseArea}>
          <div class="row">
            {!long &&
              areas.map(area => (
                <Button key={area.id} onClick={() => ask(choose.subject(area.site, area.id))}>
                  {area.name}
                </Button>
              ))}
          </div>
        </Empty>
      </figure>
    );
  }
  return (
    <Answer of={asked}>
      {steps => (
        <InsideChart view={view} steps={steps} capacity={subject.kind === 'area' ? subject.area.capacity : 0} />
      )}
    </Answer>
  );
}

function insideTable(words: ReturnType<typeof useWords>, format: Format, steps: Inside[], buckets: Bucket[]): Table {
  const n = (value: number | null, digits = 0) => (value === null ? null : format.number(value, digits));
  return {
    columns: [
      { title: words.counts.time, key: 'start' },
      { title: words.counts.average, key: 'average', figure: true },
      { title: words.counts.most, key: 'most', figure: true },
      { title: words.counts.least, key: 'least', figure: true },
      { title: words.counts.watchedShort, key: 'coverage', figure: true },
    ],
    rows: steps.map((s, i) => [
      buckets[i]?.long ?? '',
      n(s.average, 1),
      n(s.most),
      n(s.least),
      format.share(s.watched ?? 0, 1),
    ]),
    raw: steps.map(s => [new Date(s.start).toISOString(), s.average, s.most, s.least, (s.watched ?? 0).toFixed(4)]),
  };
}

function InsideChart({ view, steps, capacity }: { view: View; steps: Inside[]; capacity: number | undefined }) {
  const words = useWords();
  const format = useFormat();
  const buckets = useBuckets(view, steps, insideStep(view));
  const table = useMemo(() => insideTable(words, format, steps, buckets), [words, format, steps, buckets]);
  const curves = useMemo<Curve[]>(
    () => [
      { name: words.counts.most, values: steps.map(s => s.most), colour: '--inside', look: 'band' },
      { name: words.counts.average, values: steps.map(s => s.average), colour: '--inside', look: 'line' },
    ],
    [steps, words],
  );
  const limit = useMemo(
    () => (capacity ? { value: capacity, name: words.counts.capacity(capacity) } : undefined),
    [capacity, words],
  );
  return (
    <Figure
      title={words.counts.inside}
      file={fileOf(view, 'inside')}
      table={table}
      keys={[
        { name: words.counts.mostAndAverage, colour: '--inside', look: 'line' },
        ...hatchKey(steps, words.counts.notWatched),
      ]}
    >
      <Chart
        label={words.counts.chartOf(words.counts.inside, steps.length)}
        buckets={buckets}
        curves={curves}
        limit={limit}
        write={format.number}
        writeWatched={part => words.counts.watched(format.share(part))}
      />
    </Figure>
  );
}
