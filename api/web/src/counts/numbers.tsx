// The numbers above the charts.
import type { ComponentChildren } from 'preact';
import { get } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { type Counts, changeOf } from './series';
import type { View } from './view';

export function Figures({ view, counts }: { view: View; counts: Counts }) {
  const words = useWords();
  const format = useFormat();
  const { total, before, peak, shift } = counts;
  const running = view.period.from <= view.today && view.today < view.period.to;
  return (
    <dl class="numbers">
      <NumberCard title={words.counts.cameIn} value={total.in}>
        <Change counts={counts} running={running} />
      </NumberCard>
      <NumberCard title={words.counts.wentOut} value={total.out}>
        {before.out === null
          ? words.counts.earlierUnknown(shift)
          : words.counts.earlierWas(shift, format.number(before.out), running)}
      </NumberCard>
      <NumberCard
        title={words.counts.peak}
        text={peak?.in ? `${format.hour(peak.start, view.zone)}–${format.hour(peak.end, view.zone)}` : '–'}
      >
        {peak?.in
          ? `${format.day(peak.start, view.zone)} · ${words.counts.people(format.number(peak.in))}`
          : words.counts.peakUnknown}
      </NumberCard>
      {view.subject.kind === 'area' && <InsideNow id={view.subject.area.id} />}
      <NumberCard
        title={words.counts.coverage}
        text={format.share(total.watched ?? 0, 1)}
        mood={(total.watched ?? 0) < 0.9 ? 'poor' : undefined}
      >
        <Meter part={total.watched ?? 0} />
        {total.flags
          .filter(flag => flag !== 'partial')
          .map(flag => words.flags[flag])
          .join(', ')}
      </NumberCard>
    </dl>
  );
}

function NumberCard(props: {
  title: string;
  value?: number | null;
  text?: string;
  mood?: 'poor' | undefined;
  children?: ComponentChildren;
}) {
  const format = useFormat();
  const words = useWords();
  const text = props.text ?? (props.value == null ? words.counts.noData : format.number(props.value));
  return (
    <div class="number card">
      <dt>{props.title}</dt>
      <dd>
        <strong data-mood={props.mood} data-none={props.text === undefined && props.value == null}>
          {text}
        </strong>
        <span class="beside">{props.children}</span>
      </dd>
    </div>
  );
}

// Change compares with the period before, or says why it does not.
function Change({ counts, running }: { counts: Counts; running: boolean }) {
  const words = useWords();
  const format = useFormat();
  const { total, before, shift } = counts;
  const change = changeOf(total, before);
  if (before.in === null) return <>{words.counts.earlierUnknown(shift)}</>;
  const was = words.counts.earlierWas(shift, format.number(before.in), running);
  if (change === undefined) {
    return (
      <>
        {was} <span title={words.counts.notCompared}>· {words.counts.notComparedShort}</span>
      </>
    );
  }
  const way = change > 0.005 ? '▲' : change < -0.005 ? '▼' : '＝';
  return (
    <>
      <b class="change">
        <span aria-hidden="true">{way} </span>
        {format.change(change)}
      </b>{' '}
      {was}
    </>
  );
}

function InsideNow({ id }: { id: string }) {
  const words = useWords();
  const format = useFormat();
  const now = useAnswer(`occupancy ${id}`, signal => get('/areas/{id}/occupancy', { in: { id }, signal }), 15_000);
  const people = now.data?.people ?? null;
  const capacity = now.data?.capacity ?? 0;
  return (
    <NumberCard title={words.counts.insideNow} value={people}>
      {capacity > 0 && (
        <>
          <Meter part={Math.max(0, (people ?? 0) / capacity)} full />
          {words.counts.ofCapacity(format.number(capacity))}
        </>
      )}
      {now.data?.flags.includes('negative') && words.flags.negative}
    </NumberCard>
  );
}

// Meter is a share as a bar; full ones are bad when they are.
function Meter({ part, full }: { part: number; full?: boolean }) {
  const mood = full ? (part >= 1 ? 'bad' : part >= 0.9 ? 'poor' : 'good') : part < 0.9 ? 'poor' : 'good';
  return (
    <span class="meter" data-mood={mood} aria-hidden="true">
      <i style={{ width: `${Math.min(100, part * 100)}%` }} />
    </span>
  );
}
