// Both counts beside each other, crossing by crossing.
import type { Schemas } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button } from '../ui/parts';
import { DataTable } from '../ui/table';
import type { Clip } from './clip-list';
import type { Review } from './human';

type Match = Schemas['ReviewMatch'];

// verdict is what came of a crossing: both saw it, only the person, or only the system.
function verdict(match: Match): 'matched' | 'missed' | 'extra' {
  if (match.human_seconds === undefined) return 'extra';
  return match.system_seconds === undefined ? 'missed' : 'matched';
}

export function Compared({ review, onSeek }: { review: Review; onSeek: (seconds: number) => void }) {
  const words = useWords();
  const format = useFormat();
  const who = review.by.name || review.by.id || review.by.kind;
  return (
    <div class="compared">
      <h3>{words.audit.countedBy(who, format.moment(Date.parse(review.at)))}</h3>
      {!review.blind && <p class="quiet small">{words.audit.notBlind}</p>}
      <DataTable
        label={words.audit.countedBy(who, format.moment(Date.parse(review.at)))}
        columns={[
          { title: words.audit.direction },
          { title: words.audit.person, figure: true },
          { title: words.audit.system, figure: true },
          { title: words.audit.verdicts.missed, figure: true },
          { title: words.audit.verdicts.extra, figure: true },
        ]}
        rows={(['in', 'out'] as const).map(direction => {
          const { human, system, missed, extra } = review[direction];
          return {
            key: direction,
            cells: [words.common[direction], ...[human, system, missed, extra].map(n => format.number(n))],
          };
        })}
      />
      <Matches matches={review.matches} onSeek={onSeek} />
    </div>
  );
}

function Matches({ matches, onSeek }: { matches: Match[]; onSeek: (seconds: number) => void }) {
  const words = useWords();
  const format = useFormat();
  if (matches.length === 0) return <p class="quiet small">{words.audit.nobody}</p>;
  return (
    <ol class="taps">
      {matches.map((match, i) => {
        const what = verdict(match);
        const seconds = match.human_seconds ?? match.system_seconds ?? 0;
        return (
          <li key={`${seconds} ${i}`}>
            <Button look="plain" onClick={() => onSeek(seconds)}>
              {words.audit.seconds(format.number(seconds, 1))}
            </Button>
            <span>{words.common[match.direction]}</span>
            <span class="badge" data-mood={what === 'matched' ? 'good' : 'bad'}>
              {words.audit.verdicts[what]}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

// Crossings are what the system counted, for somebody who wants to see that without counting.
export function Crossings(props: { clip: Clip; line: string; onSeek: (seconds: number) => void }) {
  const words = useWords();
  const format = useFormat();
  const crossings = props.clip.crossings?.filter(c => c.line === props.line) ?? [];
  if (crossings.length === 0) return <p class="quiet">{words.audit.nobody}</p>;
  return (
    <ol class="taps" aria-label={words.audit.system}>
      {crossings.map(crossing => (
        <li key={crossing.id}>
          <Button look="plain" onClick={() => props.onSeek(crossing.seconds)}>
            {words.audit.seconds(format.number(crossing.seconds, 1))}
          </Button>
          <span>{words.common[crossing.direction]}</span>
        </li>
      ))}
    </ol>
  );
}
