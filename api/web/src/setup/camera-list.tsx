import { type Camera, cameras } from '../api/client';
import { moodOf } from '../live/mood';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty } from '../ui/parts';
import { Link } from '../ui/router';
import { DataTable } from '../ui/table';

export function CameraList() {
  const words = useWords();
  const found = useAnswer('cameras', signal => cameras(signal), 5000);
  return (
    <>
      <header class="page-head">
        <h1>{words.setup.parts.cameras}</h1>
        <Link class="button primary" href="/setup/cameras/new">
          {words.setup.addCamera}
        </Link>
      </header>
      <Answer of={found}>{list => (list.length ? <List list={list} /> : <None />)}</Answer>
    </>
  );
}

function None() {
  const words = useWords();
  return (
    <Empty title={words.live.noCameras}>
      <p>{words.live.noCamerasHint}</p>
    </Empty>
  );
}

function List({ list }: { list: Camera[] }) {
  const words = useWords();
  const format = useFormat();
  return (
    <DataTable
      class="card cameras"
      stack
      label={words.setup.parts.cameras}
      columns={[
        { title: words.setup.name },
        { title: words.setup.state },
        { title: words.setup.fps, figure: true },
        { title: words.setup.lines },
        { title: words.setup.address, class: 'quiet' },
      ]}
      rows={list.map(camera => ({
        key: camera.id,
        cells: [
          <Link href={`/setup/cameras/${camera.id}`}>{camera.name}</Link>,
          <CameraState camera={camera} />,
          camera.status.analysed_fps ? format.number(camera.status.analysed_fps, 1) : '–',
          camera.lines.map(l => l.name || l.id).join(', ') || '–',
          camera.url,
        ],
      }))}
    />
  );
}

// CameraState is how a camera is doing, and why.
export function CameraState({ camera }: { camera: Camera }) {
  const words = useWords();
  const { state, reason } = camera.status;
  return (
    <span class="badge" data-mood={moodOf(camera.status)}>
      <span class="dot" data-mood={moodOf(camera.status)} />
      {words.states[state]}
      {reason ? `: ${words.reasons[reason]}` : ''}
    </span>
  );
}
