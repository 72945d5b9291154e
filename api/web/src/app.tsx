// Which room is shown. Rooms are loaded when somebody enters them.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { cameras } from './api/client';
import { type Room, rooms } from './rooms';
import { type Session, SessionProvider, useSession } from './sign-in/session';
import { useFocus } from './ui/focus';
import { LanguageProvider, useWords } from './ui/language';
import { Empty, Failure, Loading } from './ui/parts';
import { Link, RouterProvider, useRouter } from './ui/router';
import { Shell } from './ui/shell';

const doors: Record<Room, () => Promise<{ default: ComponentType }>> = {
  live: () => import('./live/page'),
  counts: () => import('./counts/page'),
  audit: () => import('./audit/page'),
  setup: () => import('./setup/page'),
  'sign-in': () => import('./sign-in/page'),
  start: () => import('./start/page'),
  account: () => import('./account/page'),
};

export function App() {
  return (
    <LanguageProvider>
      <RouterProvider>
        <SessionProvider>
          <House />
        </SessionProvider>
      </RouterProvider>
    </LanguageProvider>
  );
}

// first is where somebody goes who asked for nothing: to the first steps, or to what they may see.
async function first(session: Session): Promise<string> {
  const administers = session.may('cameras.edit');
  if (administers && (await cameras()).length === 0) return '/start';
  if (session.may('preview.watch')) return '/live';
  return session.may('counts.read') && !session.may('clips.read') ? '/counts' : '/audit';
}

function House() {
  const { path, query, go } = useRouter();
  const session = useSession();
  useFocus(path);
  const room = rooms.find(name => path === `/${name}` || path.startsWith(`/${name}/`));
  const outside = (session.state === 'out' || session.state === 'change') && room !== 'sign-in';
  useEffect(() => {
    if (outside) go(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`, true);
    else if (path === '/' && session.state === 'in')
      first(session).then(
        to => go(to, true),
        () => go('/live', true),
      );
  }, [outside, path, session]);
  if (session.error) return <Failure error={session.error} again={session.again} />;
  if (session.state === 'asking' || outside) return <Loading />;
  if (room === 'sign-in') return <Entered room={room} />;
  return (
    <Shell room={room} bare={query.has('wall')}>
      {room ? <Entered key={room} room={room} /> : path === '/' ? <Loading /> : <Nowhere />}
    </Shell>
  );
}

function Nowhere() {
  const words = useWords();
  return (
    <Empty title={words.common.nowhere}>
      <Link class="button" href="/">
        {words.common.home}
      </Link>
    </Empty>
  );
}

function Entered({ room }: { room: Room }) {
  const [Page, setPage] = useState<ComponentType>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    let here = true;
    doors[room]().then(
      loaded => here && setPage(() => loaded.default),
      (reason: Error) => here && setError(reason),
    );
    return () => {
      here = false;
    };
  }, [room]);
  // A part that is not there any more belongs to an older version of the app than the server's.
  if (error) return <Failure error={error} again={() => location.reload()} />;
  return Page ? <Page /> : <Loading />;
}
