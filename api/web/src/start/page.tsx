// The first three steps: a camera, a line, and the first number. Where somebody is, is seen from what there is.
import './start.css';
import '../setup/setup.css';
import '../live/live.css';
import { useEffect, useState } from 'preact/hooks';
import { address, type Camera, cameras, get } from '../api/client';
import { Tile } from '../live/tile';
import { type House, Watch } from '../live/watch';
import { iceServers } from '../live/whep';
import { AddCamera } from '../setup/add-camera';
import { Trouble, useStill } from '../setup/camera';
import { Editor } from '../setup/editor';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer } from '../ui/parts';
import { Link, useRouter } from '../ui/router';

export default function StartPage() {
  const words = useWords();
  const { query, ask } = useRouter();
  const id = query.get('camera') ?? '';
  const asked = useAnswer(
    `start ${id}`,
    async signal => {
      const found = id ? await get('/cameras/{id}', { in: { id }, signal }) : (await cameras(signal))[0];
      return { camera: found };
    },
    2000,
  );
  useEffect(() => {
    document.title = `${words.start.title} · Footfall`;
  }, [words]);
  return (
    <Answer of={asked}>
      {({ camera }) => {
        const step = !camera ? 1 : camera.lines.length === 0 ? 2 : 3;
        return (
          <div class="start">
            <header>
              <h1>{words.start.title}</h1>
              <Steps step={step} />
            </header>
            {step === 1 && <AddCamera onAdded={added => ask({ camera: added.id })} />}
            {camera && step === 2 && <DrawLine camera={camera} onSaved={asked.again} />}
            {camera && step === 3 && <SeeItCount camera={camera} />}
          </div>
        );
      }}
    </Answer>
  );
}

function Steps({ step }: { step: number }) {
  const words = useWords();
  return (
    <ol class="steps">
      {words.start.steps.map((text, i) => (
        <li key={text} aria-current={i + 1 === step ? 'step' : undefined} data-done={i + 1 < step}>
          <span class="n" aria-hidden="true">
            {i + 1 < step ? '✓' : i + 1}
          </span>
          {text}
        </li>
      ))}
    </ol>
  );
}

function DrawLine({ camera, onSaved }: { camera: Camera; onSaved: () => void }) {
  const words = useWords();
  const still = useStill(camera);
  return (
    <>
      <p class="quiet">{words.start.drawHint}</p>
      <Trouble camera={camera} />
      <Editor camera={camera} still={still} onSaved={onSaved} />
    </>
  );
}

function SeeItCount({ camera }: { camera: Camera }) {
  const words = useWords();
  const format = useFormat();
  const [house, setHouse] = useState<House>();
  const [servers, setServers] = useState<RTCIceServer[]>();
  const { go } = useRouter();
  useEffect(() => {
    const watch = new Watch(setHouse, true);
    watch.open();
    iceServers(address('/cameras/{id}/whep', { id: camera.id })).then(setServers, () => setServers([]));
    return () => watch.close();
  }, [camera.id]);
  const lines = house?.lines ?? {};
  const seen = camera.lines
    .map(l => lines[`${camera.id}/${l.id}`])
    .reduce((sum, l) => sum + (l?.in ?? 0) + (l?.out ?? 0), 0);
  const live = house?.cameras.find(c => c.id === camera.id) ?? camera;
  return (
    <div class="see">
      <div class="wall" data-one="true" style={{ '--columns': 1, '--tile': '1fr', '--height': '32rem' }}>
        <Tile camera={live} lines={lines} servers={servers} size="full" onOpen={() => go(`/live/${camera.id}`)} />
      </div>
      <div class="card first-number" role="status">
        <strong data-none={seen === 0}>{seen === 0 ? words.start.waiting : format.number(seen)}</strong>
        <span class="quiet">{seen === 0 ? words.start.waitingHint : words.start.counted(seen)}</span>
        <div class="row">
          <Link class="button primary" href="/live">
            {words.shell.live}
          </Link>
          <Link class="button" href="/counts">
            {words.shell.counts}
          </Link>
          <Link class="button" href="/setup/places/site">
            {words.setup.addSite}
          </Link>
        </div>
      </div>
    </div>
  );
}
