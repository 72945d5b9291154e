import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import type { House } from './watch';

// Areas are how many are inside each, against what it may hold.
export function Areas({ house }: { house: House }) {
  const words = useWords();
  const format = useFormat();
  if (!house.areas.length) return null;
  return (
    <ul class="areas" aria-label={words.live.inside}>
      {house.areas.map(area => {
        const inside = house.inside[area.id];
        const people = inside?.people ?? null;
        const capacity = inside?.capacity ?? area.capacity ?? 0;
        const mood = inside?.fill === 'full' ? 'bad' : inside?.fill === 'nearly_full' ? 'poor' : 'good';
        return (
          <li key={area.id} data-mood={mood}>
            <span class="line">{area.name}</span>
            <span>
              <b>{people === null ? '–' : format.number(people)}</b>
              {capacity > 0 && <span class="quiet"> / {format.number(capacity)}</span>} {words.live.insideShort}
            </span>
            {capacity > 0 && (
              <span class="fill" aria-hidden="true">
                <i style={{ width: `${Math.max(0, Math.min(100, ((people ?? 0) / capacity) * 100))}%` }} />
              </span>
            )}
            {inside?.fill === 'full' && (
              <span class="badge" data-mood="bad">
                {words.live.full}
              </span>
            )}
            {inside?.fill === 'nearly_full' && (
              <span class="badge" data-mood="poor">
                {words.live.nearlyFull}
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
