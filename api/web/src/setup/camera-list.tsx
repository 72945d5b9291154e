import { type Camera, cameras } from '../api/client';
import { moodOf } from '../live/mood';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty } from '../ui/parts';
import { Link } from '../ui/router';

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
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label={words.setup.parts.cameras}>
      <table class="data cameras">
        <thead>
          <tr>
            <th scope="col">{words.setup.name}</th>
            <th scope="col">{words.setup.state}</th>
            <th scope="col" class="figure">
              {words.setup.fps}
            </th>
            <th scope="col">{words.setup.lines}</th>
            <th scope="col">{words.setup.address}</th>
          </tr>
        </thead>
        <tbody>
          {list.map(camera => (
            <Row key={camera.id} camera={camera} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ camera }: { camera: Camera }) {
  const format = useFormat();
  return (
    <tr>
      <th scope="row">
        <Link href={`/setup/cameras/${camera.id}`}>{camera.name}</Link>
      </th>
      <td>
        <CameraState camera={camera} />
      </td>
      <td class="figure">{camera.status.analysed_fps ? format.number(camera.status.analysed_fps, 1) : '–'}</td>
      <td>{camera.lines.map(l => l.name || l.id).join(', ') || '–'}</td>
      <td class="quiet">{camera.url}</td>
    </tr>
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
