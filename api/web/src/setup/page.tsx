// Set-up: what administrators do. Each part has an address of its own.
import './setup.css';
import { useEffect } from 'preact/hooks';
import { type Permission, useSession } from '../sign-in/session';
import { useWords } from '../ui/language';
import { Empty } from '../ui/parts';
import { Link, useRouter } from '../ui/router';
import { AddCamera } from './add-camera';
import { CameraPage } from './camera';
import { CameraList } from './camera-list';
import { People } from './people';
import { AreaPage, SitePage } from './place-forms';
import { Places } from './places';
import { System } from './system';

const parts = ['cameras', 'places', 'people', 'system'] as const;

const needs: Record<(typeof parts)[number], Permission> = {
  cameras: 'cameras.edit',
  places: 'sites.edit',
  people: 'users.edit',
  system: 'system.read',
};

export default function SetupPage() {
  const words = useWords();
  const session = useSession();
  const { path, go } = useRouter();
  const [, , part, id, more] = path.split('/');
  const shown = parts.find(p => p === part);
  useEffect(() => {
    if (!part) go('/setup/cameras', true);
  }, [part]);
  useEffect(() => {
    document.title = `${shown ? words.setup.parts[shown] : words.shell.setup} · Footfall`;
  }, [shown, words]);
  if (!session.may(needs[shown ?? 'cameras'])) return <Empty title={words.setup.notAllowed} />;
  return (
    <div class="setup">
      <nav aria-label={words.shell.setup} class="parts no-print">
        {parts
          .filter(p => session.may(needs[p]))
          .map(p => (
            <Link key={p} href={`/setup/${p}`} current={p === shown}>
              {words.setup.parts[p]}
            </Link>
          ))}
      </nav>
      <Part part={shown} id={id} more={more} />
    </div>
  );
}

function Part({
  part,
  id,
  more,
}: {
  part: (typeof parts)[number] | undefined;
  id: string | undefined;
  more: string | undefined;
}) {
  const words = useWords();
  if (part === 'cameras') {
    if (!id) return <CameraList />;
    return id === 'new' ? <AddCamera /> : <CameraPage key={id} id={decodeURIComponent(id)} />;
  }
  if (part === 'places') {
    if (id === 'site') return <SitePage key={more} id={more ? decodeURIComponent(more) : undefined} />;
    if (id === 'area') return <AreaPage key={more} id={more ? decodeURIComponent(more) : undefined} />;
    return <Places />;
  }
  if (part === 'people') return <People />;
  if (part === 'system') return <System />;
  return <Empty title={words.common.nowhere} />;
}
