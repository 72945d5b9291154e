// The hours of the week. On a narrow screen, not on paper, the hours go down and the days across.
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { useMedia, usePaper } from '../ui/theme';
import type { WeekHour } from './series';

export function Heat({ week, label }: { week: WeekHour[]; label: string }) {
  const small = useMedia('(max-width: 56rem)');
  const narrow = usePaper() ? false : small;
  const format = useFormat();
  const days = [...new Set(week.map(cell => cell.weekday))];
  const hours = Array.from({ length: 24 }, (_, i) => i);
  const most = Math.max(1, ...week.map(cell => cell.in ?? 0));
  const at = (weekday: number, hour: number) => week.find(c => c.weekday === weekday && c.hour === hour);
  const dayHead = (day: number, scope: 'col' | 'row') => (
    <th key={day} scope={scope}>
      {format.weekday(day)}
    </th>
  );
  const hourHead = (hour: number, scope: 'col' | 'row') => (
    <th key={hour} scope={scope}>
      {hour}
    </th>
  );
  const cell = (day: number, hour: number) => <Cell key={`${day} ${hour}`} cell={at(day, hour)} most={most} />;
  const [across, down] = narrow ? [days, hours] : [hours, days];
  return (
    <table class="heat" aria-label={label}>
      <thead>
        <tr>
          <td />
          {across.map(n => (narrow ? dayHead(n, 'col') : hourHead(n, 'col')))}
        </tr>
      </thead>
      <tbody>
        {down.map(n => (
          <tr key={n}>
            {narrow ? hourHead(n, 'row') : dayHead(n, 'row')}
            {across.map(m => (narrow ? cell(m, n) : cell(n, m)))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Cell writes dark on light and light on dark: at every depth the contrast is 4.5 or more, in both themes.
function Cell({ cell, most }: { cell: WeekHour | undefined; most: number }) {
  const format = useFormat();
  const words = useWords();
  if (!cell || cell.in === null) {
    return (
      <td class="missed" title={words.counts.notWatched}>
        <span class="unseen">{words.counts.notWatched}</span>
      </td>
    );
  }
  const part = cell.in / most;
  const title = `${format.weekday(cell.weekday, 'long')} ${cell.hour}:00 · ${format.number(cell.in, 1)} · ${words.counts.watched(format.share(cell.watched))}`;
  return (
    <td
      title={title}
      data-depth={part === 0 ? 'none' : part < 0.62 ? 'low' : part < 0.76 ? 'mid' : 'deep'}
      data-missed={cell.watched < 0.98 || undefined}
      style={{ backgroundColor: `color-mix(in oklab, var(--heat) ${Math.round(part * 100)}%, var(--card))` }}
    >
      {cell.in >= 10000 ? `${format.number(Math.round(cell.in / 1000))}k` : format.number(Math.round(cell.in))}
    </td>
  );
}
