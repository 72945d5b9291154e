// Opening hours: rows of days that share them.
import type { Site } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, IconButton } from '../ui/parts';

export interface HoursRow {
  days: string[];
  open: string; // spans such as 09:00-12:30, separated by blanks; none is closed
}

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export const rowsOf = (site: Site | null): HoursRow[] =>
  (site?.hours ?? []).map(h => ({ days: h.days.map(d => d.slice(0, 3)), open: h.open.join(' ') }));

export const hoursOf = (rows: HoursRow[]) =>
  rows.filter(r => r.days.length).map(r => ({ days: r.days, open: r.open.split(/[\s,]+/).filter(Boolean) }));

export function HoursField({ rows, onChange }: { rows: HoursRow[]; onChange: (rows: HoursRow[]) => void }) {
  const words = useWords();
  const change = (i: number, changes: Partial<HoursRow>) =>
    onChange(rows.map((r, j) => (j === i ? { ...r, ...changes } : r)));
  const free = days.filter(d => !rows.some(r => r.days.includes(d)));
  return (
    <fieldset class="hours">
      <legend class="label">{words.setup.hours}</legend>
      <p class="quiet small">{words.setup.hoursHint}</p>
      {rows.map((row, i) => (
        <div key={i} class="hours-row">
          <DayChoice
            row={row}
            taken={d => rows.some((r, j) => j !== i && r.days.includes(d))}
            onChange={chosen => change(i, { days: chosen })}
          />
          <input
            class="input"
            aria-label={words.setup.openFrom}
            value={row.open}
            placeholder={words.setup.closed}
            pattern="\s*(\d\d:\d\d-\d\d:\d\d[\s,]*)*"
            onInput={event => change(i, { open: event.currentTarget.value })}
          />
          <IconButton
            icon="bin"
            label={words.setup.removeHours}
            onClick={() => onChange(rows.filter((_, j) => j !== i))}
          />
        </div>
      ))}
      <div>
        <Button
          icon="plus"
          disabled={!free.length}
          onClick={() =>
            onChange([...rows, { days: free.length === 7 ? days.slice(0, 6) : free, open: '09:00-18:00' }])
          }
        >
          {words.setup.addHours}
        </Button>
      </div>
    </fieldset>
  );
}

function DayChoice({
  row,
  taken,
  onChange,
}: {
  row: HoursRow;
  taken: (day: string) => boolean;
  onChange: (days: string[]) => void;
}) {
  const format = useFormat();
  return (
    <div class="day-choice">
      {days.map((day, n) => (
        <button
          key={day}
          type="button"
          class="button"
          aria-pressed={row.days.includes(day)}
          disabled={taken(day)}
          onClick={() => onChange(days.filter(d => (d === day ? !row.days.includes(d) : row.days.includes(d))))}
        >
          {format.weekday((n + 1) % 7)}
        </button>
      ))}
    </div>
  );
}
