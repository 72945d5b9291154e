// How well lines count, by what people counted in clips that were drawn by lot.
import { get, type Schemas } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Check, Empty } from '../ui/parts';
import { Link, useRouter } from '../ui/router';
import { DataTable } from '../ui/table';

type Row = Schemas['LineAccuracy'];
type Direction = Schemas['DirectionAccuracy'];

export function AccuracyPage() {
  const words = useWords();
  const { query, ask } = useRouter();
  const all = query.get('all') === 'true';
  const asked = useAnswer(
    `accuracy ${all}`,
    async signal => (await get('/clips/accuracy', { query: { all }, signal })).items,
  );
  return (
    <>
      <header class="page-head">
        <h1>{words.audit.parts.accuracy}</h1>
        <Check
          label={words.audit.allCounts}
          checked={all}
          onChange={on => ask({ all: on ? 'true' : undefined }, true)}
        />
      </header>
      <p class="quiet">{all ? words.audit.allCountsHint : words.audit.accuracyHint}</p>
      <Answer of={asked}>
        {rows =>
          rows.length ? (
            <ul class="accuracy">
              {rows.map(row => (
                <LineCard key={`${row.camera} ${row.line}`} row={row} />
              ))}
            </ul>
          ) : (
            <Empty title={words.audit.noCounts}>
              <p>{words.audit.noCountsHint}</p>
              <Link class="button" href="/audit/clips?trigger=sample">
                {words.audit.toSamples}
              </Link>
            </Empty>
          )
        }
      </Answer>
    </>
  );
}

function LineCard({ row }: { row: Row }) {
  const words = useWords();
  const format = useFormat();
  return (
    <li class="card panel-body">
      <h2>
        {row.camera}, {row.line}
      </h2>
      <p class="quiet small">{words.audit.reviews(row.reviews)}</p>
      <DataTable
        label={`${row.camera}, ${row.line}`}
        columns={[
          { title: words.audit.direction },
          { title: words.audit.person, figure: true },
          { title: words.audit.system, figure: true },
          { title: words.audit.verdicts.missed, figure: true },
          { title: words.audit.verdicts.extra, figure: true },
          { title: words.audit.error },
        ]}
        stack
        rows={(['in', 'out'] as const).map(direction => {
          const { human, system, missed, extra } = row[direction];
          return {
            key: direction,
            cells: [
              words.common[direction],
              ...[human, system, missed, extra].map(n => format.number(n)),
              <ErrorBar of={row[direction]} />,
            ],
          };
        })}
      />
      <History row={row} />
    </li>
  );
}

// widest is the error that reaches the ends of the bar; intervals beyond it are cut there.
const widest = 0.5;

// ErrorBar is the error with its interval, on a scale around zero.
function ErrorBar({ of }: { of: Direction }) {
  const words = useWords();
  const format = useFormat();
  if (!of.error) return <span class="quiet">{words.audit.tooFew}</span>;
  const x = (value: number) => 50 + (50 * Math.min(widest, Math.max(-widest, value))) / widest;
  const { value, low, high } = of.error;
  const text = words.audit.between(format.change(value), format.change(low), format.change(high));
  return (
    <span class="error">
      <svg viewBox="0 0 100 12" width="120" height="14" aria-hidden="true" preserveAspectRatio="none">
        <path class="zero" d="M50 0V12" />
        <path class="interval" d={`M${x(low)} 6H${Math.max(x(high), x(low) + 1)}`} />
        <circle class="value" cx={x(value)} cy="6" r="3" />
      </svg>
      <span>{text}</span>
    </span>
  );
}

// History is what was counted, review by review, newest first.
function History({ row }: { row: Row }) {
  const words = useWords();
  const format = useFormat();
  const points = [...row.history].reverse();
  return (
    <details>
      <summary>{words.audit.history}</summary>
      <ol class="taps">
        {points.map(point => (
          <li key={point.review}>
            <Link href={`/audit/clips/${point.clip}`}>{format.moment(Date.parse(point.at))}</Link>
            {(['in', 'out'] as const).map(direction => (
              <span key={direction}>
                {words.common[direction]}{' '}
                {words.audit.against(format.number(point[direction].human), format.number(point[direction].system))}
              </span>
            ))}
          </li>
        ))}
      </ol>
    </details>
  );
}
