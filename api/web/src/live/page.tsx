// Live: what security looks at.
import './live.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { address, type Camera } from '../api/client';
import { useSession } from '../sign-in/session';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, Empty, Failure, IconButton, Loading, Notice, Segments } from '../ui/parts';
import { Link, type Router, useRouter } from '../ui/router';
import { useMedia } from '../ui/theme';
import { AlarmBar } from './alarm-bar';
import { type Alarms, useAlarms } from './alarms';
import { Areas } from './areas';
import { ConnectionTest } from './connection-test';
import { Keys } from './keys';
import { fitOf, type Layout, layouts, perPage } from './layout';
import { moodOf } from './mood';
import { Tile } from './tile';
import { type House, Watch } from './watch';
import { iceServers } from './whep';

function useHouse(): House {
  const { may } = useSession();
  const mayCount = may('counts.read') && may('counts.small');
  const [house, setHouse] = useState<House>({
    cameras: [],
    areas: [],
    inside: {},
    lines: {},
    connected: false,
    ready: false,
  });
  useEffect(() => {
    const watch = new Watch(setHouse, mayCount);
    watch.open();
    return () => watch.close();
  }, [mayCount]);
  return house;
}

// blindOf are the cameras that give no counts now, be it that nobody has begun to watch them.
const blindOf = (watched: Camera[]): Camera[] => watched.filter(c => c.status.state !== 'online');

function useServers(camera: string | undefined): RTCIceServer[] | undefined {
  const [servers, setServers] = useState<RTCIceServer[]>();
  useEffect(() => {
    if (camera) iceServers(address('/cameras/{id}/whep', { id: camera })).then(setServers, () => setServers([]));
  }, [camera === undefined]);
  return servers;
}

export default function LivePage() {
  const words = useWords();
  const house = useHouse();
  const alarms = useAlarms(house);
  const watched = useMemo(() => house.cameras.filter(c => !c.disabled), [house.cameras]);
  const blind = blindOf(watched).length;
  useEffect(() => {
    document.title = `${blind ? `(${blind}) ` : ''}${words.shell.live} · Footfall`;
  }, [blind, words]);
  if (!house.ready) return house.error ? <Failure error={house.error} /> : <Loading />;
  if (!watched.length) {
    return (
      <Empty title={words.live.noCameras}>
        <p>{words.live.noCamerasHint}</p>
        <Link class="button primary" href="/setup/cameras/new">
          {words.setup.addCamera}
        </Link>
      </Empty>
    );
  }
  return <Wall house={house} watched={watched} alarms={alarms} />;
}

// Wanted is what of the wall the address asks for.
function wanted({ path, query }: Router, watched: Camera[]) {
  const large = watched.find(c => path === `/live/${c.id}`);
  const chosen = layouts.find(l => l === query.get('layout')) ?? 'auto';
  const pages = Math.max(1, Math.ceil(watched.length / perPage(chosen)));
  const page = Math.min(pages - 1, Math.max(0, Number(query.get('page') ?? 1) - 1 || 0));
  const shown = large ? [large] : watched.slice(page * perPage(chosen), (page + 1) * perPage(chosen));
  return { large, layout: chosen as Layout, pages, page, shown, bare: query.has('wall') };
}

function useSize(ref: { current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 1280, height: 720 });
  useEffect(() => {
    const node = ref.current;
    if (!node) return;
    const measure = () =>
      setSize({ width: node.clientWidth, height: innerHeight - node.getBoundingClientRect().top - scrollY - 16 });
    const watcher = new ResizeObserver(measure);
    watcher.observe(node);
    addEventListener('resize', measure);
    return () => {
      watcher.disconnect();
      removeEventListener('resize', measure);
    };
  }, []);
  return size;
}

function Wall({ house, watched, alarms }: { house: House; watched: Camera[]; alarms: Alarms }) {
  const words = useWords();
  const router = useRouter();
  const servers = useServers(watched[0]?.id);
  const narrow = useMedia('(max-width: 40rem)');
  const grid = useRef<HTMLDivElement>(null);
  const size = useSize(grid);
  const { large, layout, pages, page, shown, bare } = wanted(router, watched);
  const [dialog, setDialog] = useState<'keys' | 'test'>();
  const back = () => router.go(`/live${location.search}`);
  const count = layout === 'auto' ? shown.length : Math.min(perPage(layout), 16);
  const fit = narrow || large ? { columns: 1, width: size.width } : fitOf(count, size.width, size.height);
  useKeys({
    router,
    large: Boolean(large),
    pages,
    page,
    watched,
    note: () => alarms.note(),
    help: () => setDialog('keys'),
    back,
  });
  return (
    <div class="live" data-bare={bare}>
      {!bare && (
        <Head
          house={house}
          watched={watched}
          layout={layout}
          pages={pages}
          page={page}
          large={large}
          narrow={narrow}
          onTest={() => setDialog('test')}
          onKeys={() => setDialog('keys')}
        />
      )}
      <AlarmBar alarms={alarms} />
      {!house.connected && <Notice mood="poor">{words.live.disconnected}</Notice>}
      <Areas house={house} />
      <div
        ref={grid}
        class="wall"
        data-one={Boolean(large)}
        style={{ '--columns': fit.columns, '--tile': `${fit.width}px`, '--height': `${size.height}px` }}
      >
        {shown.map(camera => (
          <Tile
            key={camera.id}
            camera={camera}
            lines={house.lines}
            servers={servers}
            size={large || count === 1 ? 'full' : 'tile'}
            onOpen={() => (large ? back() : router.go(`/live/${camera.id}${location.search}`))}
          />
        ))}
      </div>
      {dialog === 'keys' && <Keys onClose={() => setDialog(undefined)} />}
      {dialog === 'test' && watched[0] && (
        <ConnectionTest camera={watched[0].id} servers={servers ?? []} onClose={() => setDialog(undefined)} />
      )}
    </div>
  );
}

function Head(props: {
  house: House;
  watched: Camera[];
  layout: Layout;
  pages: number;
  page: number;
  large: Camera | undefined;
  narrow: boolean;
  onTest: () => void;
  onKeys: () => void;
}) {
  const words = useWords();
  const { ask, go } = useRouter();
  const blind = blindOf(props.watched);
  const worst = blind.some(c => moodOf(c.status) === 'bad' || c.status.state === 'degraded') ? 'bad' : 'poor';
  return (
    <header class="page-head">
      <div class="row">
        {props.large && (
          <IconButton icon="back" label={words.live.allCameras} onClick={() => go(`/live${location.search}`)} />
        )}
        <h1>{props.large ? props.large.name : words.shell.live}</h1>
        <span class="badge" data-mood={blind.length ? worst : 'good'} role="status" id="summary">
          {blind.length
            ? words.live.blind(blind.length, props.watched.length)
            : words.live.allSeeing(props.watched.length)}
        </span>
      </div>
      <div class="row">
        {!props.large && <Pages pages={props.pages} page={props.page} />}
        {!props.large && !props.narrow && (
          <Segments
            label={words.live.layout}
            options={layouts.map(l => [l, l === 'auto' ? words.live.auto : l])}
            value={props.layout}
            onChange={layout => ask({ layout: layout === 'auto' ? undefined : layout, page: undefined }, true)}
          />
        )}
        <Button look="plain" onClick={props.onTest} class="wide-only">
          {words.live.test}
        </Button>
        <IconButton icon="keys" label={words.live.keys} onClick={props.onKeys} class="wide-only" />
        <IconButton icon="wall" label={words.live.wallMode} onClick={() => ask({ wall: '1' })} />
        <IconButton icon="full" label={words.live.fullScreen} onClick={fullScreen} />
      </div>
    </header>
  );
}

function Pages({ pages, page }: { pages: number; page: number }) {
  const words = useWords();
  const format = useFormat();
  const { ask } = useRouter();
  if (pages < 2) return null;
  return (
    <div class="row">
      <IconButton
        icon="back"
        label={words.live.pageBefore}
        disabled={page === 0}
        onClick={() => ask({ page: String(page) }, true)}
      />
      <span>
        {format.number(page + 1)} / {format.number(pages)}
      </span>
      <IconButton
        icon="next"
        label={words.live.pageAfter}
        disabled={page + 1 >= pages}
        onClick={() => ask({ page: String(page + 2) }, true)}
      />
    </div>
  );
}

function fullScreen(): void {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {});
}

interface KeyWays {
  router: Router;
  large: boolean;
  pages: number;
  page: number;
  watched: Camera[];
  note: () => void;
  help: () => void;
  back: () => void;
}

// useKeys lets the wall be worked without a mouse; see keys.tsx, which tells people.
function useKeys(ways: KeyWays): void {
  const now = useRef(ways);
  now.current = ways;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, dialog')) return;
      if (act(now.current, event.key)) event.preventDefault();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

function act(ways: KeyWays, key: string): boolean {
  const { router, pages, page } = ways;
  const layout = { '0': undefined, '1': '1', '2': '4', '3': '9', '4': '16' };
  const turn = (to: number) => pages > 1 && router.ask({ page: String(((to + pages) % pages) + 1) }, true);
  if (key in layout && !ways.large) router.ask({ layout: layout[key as keyof typeof layout], page: undefined }, true);
  else if (key === 'f') fullScreen();
  else if (key === 'w') router.ask({ wall: router.query.has('wall') ? undefined : '1' });
  else if (key === 'a') ways.note();
  else if (key === '?') ways.help();
  else if (key === 'PageDown' || key === 'n') turn(page + 1);
  else if (key === 'PageUp' || key === 'p') turn(page - 1);
  else if (key === 'Escape' && ways.large) ways.back();
  else if (key === 'Escape' && router.query.has('wall')) router.ask({ wall: undefined });
  else if (key.startsWith('Arrow')) return step(key);
  else return false;
  return true;
}

// step moves the focus from tile to tile as they lie on the screen.
function step(key: string): boolean {
  const screens = [...document.querySelectorAll<HTMLElement>('.tile .screen')];
  const at = screens.indexOf(document.activeElement as HTMLElement);
  if (at < 0) {
    screens[0]?.focus();
    return screens.length > 0;
  }
  const columns =
    Number(getComputedStyle(document.querySelector('.wall') as HTMLElement).getPropertyValue('--columns')) || 1;
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key] ?? 0;
  screens[at + by]?.focus();
  return true;
}
