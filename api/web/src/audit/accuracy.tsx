// How well lines count, by what people counted in clips that were drawn by lot.
import { get, type Schemas } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Check, Empty } from '../ui/parts';
import { Link, useRouter } from '../ui/router';

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
      <div class="scroll" tabIndex={0} role="region" aria-label={`${row.camera}, ${row.line}`}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{words.audit.direction}</th>
              {[words.audit.person, words.audit.system, words.audit.verdicts.missed, words.audit.verdicts.extra].map(
                w => (
                  <th key={w} scope="col" class="figure">
                    {w}
                  </th>
                ),
              )}
              <th scope="col">{words.audit.error}</th>
            </tr>
          </thead>
          <tbody>
            {(['in', 'out'] as const).map(direction => (
              <tr key={direction}>
                <th scope="row">{words.common[direction]}</th>
                {(['human', 'system', 'missed', 'extra'] as const).map(key => (
                  <td key={key} class="figure">
                    {format.number(row[direction][key])}
                  </td>
                ))}
                <td>
                  <ErrorBar of={row[direction]} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
