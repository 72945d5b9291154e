// One camera on the wall.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Camera } from '../api/client';
import { useFormat } from '../ui/format';
import { Icon } from '../ui/icons';
import { useWords } from '../ui/language';
import { type Mood, moodOf } from './mood';
import { Picture, type Seen, type Size } from './picture';
import type { Line } from './watch';

interface Props {
  camera: Camera;
  lines: Record<string, Line>;
  servers: RTCIceServer[] | undefined; // undefined: not known yet
  size: Size;
  onOpen: () => void;
}

// useVisible follows whether a part of the page can be seen: what cannot is not streamed.
function useVisible(ref: { current: HTMLElement | null }): boolean {
  const [inView, setInView] = useState(false);
  const [shown, setShown] = useState(!document.hidden);
  useEffect(() => {
    const watcher = new IntersectionObserver(entries => setInView(entries.some(e => e.isIntersecting)), {
      rootMargin: '80px',
    });
    if (ref.current) watcher.observe(ref.current);
    const changed = () => setShown(!document.hidden);
    document.addEventListener('visibilitychange', changed);
    return () => {
      watcher.disconnect();
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
  return inView && shown;
}

function usePicture(camera: Camera, size: Size, servers: RTCIceServer[] | undefined, visible: boolean): Seen {
  const [seen, setSeen] = useState<Seen>({ way: 'opening', stalled: false });
  useEffect(() => {
    if (!servers || !visible || camera.disabled) return;
    const stop = new AbortController();
    new Picture(camera.id, size, servers, setSeen).run(stop.signal);
    return () => stop.abort();
  }, [camera.id, camera.disabled, size, servers, visible]);
  return seen;
}

// useTick shows the time that passes, without anything being told.
function useTick(ms: number): void {
  const [, setN] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setN(n => n + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
}

export function Tile(props: Props) {
  const { camera } = props;
  const words = useWords();
  const ref = useRef<HTMLElement>(null);
  const visible = useVisible(ref);
  const seen = usePicture(camera, props.size, props.servers, visible);
  useTick(500);
  const age = seen.taken === undefined ? undefined : (performance.now() - seen.taken) / 1000;
  const stale = age !== undefined && (seen.stalled || age > 3);
  const blind = blindness(camera, stale, words, age);
  const mood: Mood = stale && !blind.state ? 'poor' : moodOf(camera.status);
  return (
    <article class="tile card" ref={ref} data-mood={mood} data-camera={camera.id} aria-label={camera.name}>
      <button type="button" class="screen" onClick={props.onOpen}>
        <span class="unseen">{words.live.enlarge(camera.name)}</span>
        <Screen seen={seen} />
        {blind.text && (
          <span class="blind">
            <Icon name="alert" size={22} />
            <strong>{blind.text}</strong>
            {blind.detail && <span class="detail">{blind.detail}</span>}
          </span>
        )}
        {!blind.text && age === undefined && <span class="blind waiting">{words.live.opening}</span>}
      </button>
      <footer>
        <span class="name">
          <span class="dot" data-mood={mood} />
          <strong>{camera.name}</strong>
        </span>
        <span class="news">
          {seen.news && !stale && !blind.state && <span class="people">{words.live.inView(seen.news.people)}</span>}
          {seen.way === 'stills' && <span>{words.live.stills}</span>}
          <Age seconds={age} />
        </span>
        <Lines camera={camera} lines={props.lines} seen={seen} />
      </footer>
    </article>
  );
}

// blindness says why a tile shows nothing of now.
function blindness(camera: Camera, stale: boolean, words: ReturnType<typeof useWords>, age: number | undefined) {
  const { state, reason, detail } = camera.status;
  if (state === 'online' && reason !== 'moved') {
    return { text: stale && age ? words.live.stale(Math.round(age)) : '', detail: '', state: false };
  }
  const text = reason ? words.reasons[reason] : words.states[state];
  const waits = state === 'waiting' && !reason;
  return { text, detail: waits ? words.live.noWorker : (detail ?? ''), state: true };
}

function Screen({ seen }: { seen: Seen }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current && video.current.srcObject !== (seen.stream ?? null))
      video.current.srcObject = seen.stream ?? null;
  }, [seen.stream]);
  const still = seen.way !== 'webrtc' && seen.still;
  return (
    <>
      <video ref={video} muted autoplay playsInline hidden={Boolean(still)} />
      {still && <img src={still} alt="" />}
    </>
  );
}

function Age({ seconds }: { seconds: number | undefined }) {
  const words = useWords();
  const format = useFormat();
  if (seconds === undefined) return null;
  const text = seconds < 9.95 ? format.number(seconds, 1) : format.number(seconds);
  return (
    <span class="age" data-old={seconds > 2} title={words.live.ageLong(text)}>
      {words.live.age(text)}
    </span>
  );
}

function Lines({ camera, lines, seen }: { camera: Camera; lines: Record<string, Line>; seen: Seen }) {
  const words = useWords();
  const format = useFormat();
  const counted = (id: string): Line | undefined =>
    lines[`${camera.id}/${id}`] ?? seen.news?.lines.find(l => l.id === id);
  const number = (n: number | null | undefined) => (n == null ? '–' : format.number(n));
  return (
    <ul class="lines">
      {camera.lines.map(line => {
        const sum = counted(line.id);
        return (
          <li key={line.id}>
            <span class="line">{line.name || line.id}</span>
            <span>
              <b>{number(sum?.in)}</b> {words.common.in}
            </span>
            <span>
              <b>{number(sum?.out)}</b> {words.common.out}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
