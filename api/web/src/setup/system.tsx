// The workers' health, and what this is.
import { get, type Worker } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty } from '../ui/parts';
import { DataTable } from '../ui/table';
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
  const format = useFormat();
  const clock = (seconds: number) => format.number(Math.round(seconds * 100) / 100 || 0, 2);
  return (
    <DataTable
      class="card"
      stack
      label={words.setup.workers}
      columns={[
        { title: words.setup.name },
        { title: words.setup.state },
        { title: words.setup.parts.cameras, figure: true },
        { title: words.setup.outbox, figure: true },
        { title: words.setup.clock, figure: true },
        { title: words.setup.lastHeard },
      ]}
      rows={list.map(worker => ({
        key: worker.name,
        cells: [
          worker.name,
          <WorkerState state={worker.state} />,
          <span title={worker.cameras.join(', ')}>{format.number(worker.cameras.length)}</span>,
          format.number(worker.outbox),
          words.setup.seconds(clock(worker.clock_offset_seconds)),
          format.ago((Date.now() - Date.parse(worker.last_heard)) / 1000),
        ],
      }))}
    />
  );
}

function WorkerState({ state }: { state: Worker['state'] }) {
  const words = useWords();
  const mood = state === 'online' ? 'good' : 'bad';
  return (
    <span class="badge" data-mood={mood}>
      <span class="dot" data-mood={mood} />
      {words.setup.workerStates[state]}
    </span>
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
