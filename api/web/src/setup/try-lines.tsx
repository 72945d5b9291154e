// Lines are tried on what the camera has seen in the last minutes, before they are saved.
import { useState } from 'preact/hooks';
import { type Camera, type Refusal, type Schemas, send } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, Notice } from '../ui/parts';
import { changeOf } from './drawing';
import type { Shape } from './geometry';

export type Tried = Schemas['LineTrial'];

// Outcome is what came of a trial; it is of the shapes that were tried, and of no others.
interface Outcome {
  shapes: Shape[];
  tried?: Tried;
  refusal?: Refusal;
}

export interface LineTrial {
  outcome: Outcome | undefined; // of the shapes as they are now
  trying: boolean;
  start: () => void;
}

export function useLineTrial(camera: Camera, shapes: Shape[]): LineTrial {
  const [outcome, setOutcome] = useState<Outcome>();
  const [trying, setTrying] = useState(false);
  const start = async () => {
    setTrying(true);
    try {
      const { lines } = changeOf(shapes, camera);
      const tried = await send<Tried>('POST', '/cameras/{id}/line-trials', { id: camera.id }, { lines });
      setOutcome({ shapes, tried });
    } catch (error) {
      setOutcome({ shapes, refusal: error as Refusal });
    }
    setTrying(false);
  };
  return { outcome: outcome?.shapes === shapes ? outcome : undefined, trying, start };
}

export function TryLines({ trial, disabled }: { trial: LineTrial; disabled: boolean }) {
  const words = useWords();
  return (
    <Button icon="counts" disabled={disabled || trial.trying} onClick={trial.start}>
      {trial.trying ? words.setup.tryingLines : words.setup.tryLines}
    </Button>
  );
}

// LineTrialResult says what the lines would have counted, and when.
export function LineTrialResult({ trial: { outcome } }: { trial: LineTrial }) {
  const words = useWords();
  return (
    <div role="status">
      {outcome?.refusal && (
        <Notice mood="bad">
          {outcome.refusal.status === 503 ? words.setup.nothingToTry : outcome.refusal.message}
        </Notice>
      )}
      {outcome?.tried && <Counted tried={outcome.tried} shapes={outcome.shapes} />}
    </div>
  );
}

function Counted({ tried, shapes }: { tried: Tried; shapes: Shape[] }) {
  const words = useWords();
  const format = useFormat();
  const nameOf = (id: string) => shapes.find(s => s.kind === 'line' && s.id === id)?.name || id;
  const [from, to] = [new Date(tried.from), new Date(tried.to)];
  return (
    <section class="card tried" aria-label={words.setup.triedTitle}>
      <h2>{words.setup.triedTitle}</h2>
      <p class="quiet small">
        {words.setup.triedSpan(format.second(from), format.second(to), format.share(tried.coverage))}
      </p>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{words.setup.lines}</th>
            <th scope="col" class="figure">
              {words.common.in}
            </th>
            <th scope="col" class="figure">
              {words.common.out}
            </th>
          </tr>
        </thead>
        <tbody>
          {tried.lines.map(line => (
            <tr key={line.id} data-line={line.id}>
              <th scope="row">{nameOf(line.id)}</th>
              <td class="figure">{format.number(line.in)}</td>
              <td class="figure">{format.number(line.out)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {tried.crossings.length === 0 && <p class="small">{words.setup.nobodyCrossed}</p>}
      {tried.crossings.length > 0 && (
        <details>
          <summary>{words.setup.triedTimes(tried.crossings.length)}</summary>
          <ol class="times" reversed>
            {[...tried.crossings].reverse().map((x, i) => (
              <li key={`${tried.crossings.length - i} ${x.time}`}>
                <time dateTime={x.time}>{format.second(new Date(x.time))}</time> {nameOf(x.line)}{' '}
                <strong>{words.common[x.direction]}</strong>
                {x.turned_back && <span class="quiet"> {words.setup.turnedBack}</span>}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}
