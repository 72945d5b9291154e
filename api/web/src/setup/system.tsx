// The workers' health, and what this is.
import { get, type Worker } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty } from '../ui/parts';
import { Protection } from './protection';

export function System() {
  const words = useWords();
  const workers = useAnswer('workers', async signal => (await get('/workers', { signal })).items, 5000);
  return (
    <>
      <header class="page-head">
        <h1>{words.setup.parts.system}</h1>
      </header>
      <h2 class="heading">{words.setup.workers}</h2>
      <p class="quiet">{words.setup.workersHint}</p>
      <Answer of={workers}>
        {list => (list.length ? <Workers list={list} /> : <Empty title={words.setup.noWorkers} />)}
      </Answer>
      <Protection />
      <About version={workers.data?.[0]?.version} />
    </>
  );
}

function Workers({ list }: { list: Worker[] }) {
  const words = useWords();
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label={words.setup.workers}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{words.setup.name}</th>
            <th scope="col">{words.setup.state}</th>
            <th scope="col" class="figure">
              {words.setup.parts.cameras}
            </th>
            <th scope="col" class="figure">
              {words.setup.outbox}
            </th>
            <th scope="col" class="figure">
              {words.setup.clock}
            </th>
            <th scope="col">{words.setup.lastHeard}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(worker => (
            <WorkerRow key={worker.name} worker={worker} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WorkerRow({ worker }: { worker: Worker }) {
  const words = useWords();
  const format = useFormat();
  const mood = worker.state === 'online' ? 'good' : 'bad';
  return (
    <tr>
      <th scope="row">{worker.name}</th>
      <td>
        <span class="badge" data-mood={mood}>
          <span class="dot" data-mood={mood} />
          {words.setup.workerStates[worker.state]}
        </span>
      </td>
      <td class="figure" title={worker.cameras.join(', ')}>
        {format.number(worker.cameras.length)}
      </td>
      <td class="figure">{format.number(worker.outbox)}</td>
      <td class="figure">
        {words.setup.seconds(format.number(Math.round(worker.clock_offset_seconds * 100) / 100 || 0, 2))}
      </td>
      <td>{format.ago((Date.now() - Date.parse(worker.last_heard)) / 1000)}</td>
    </tr>
  );
}

function About({ version }: { version: string | undefined }) {
  const words = useWords();
  return (
    <section class="about">
      <h2 class="heading">{words.setup.about}</h2>
      <p>
        Footfall {version ?? ''} · {words.setup.licence} · <a href="/licences.txt">{words.setup.licences}</a>
      </p>
      <p>
        <a href="/api/docs">{words.setup.apiDocs}</a> · <a href="/readyz">{words.setup.ready}</a> ·{' '}
        <a href="/metrics">{words.setup.metrics}</a>
      </p>
    </section>
  );
}
