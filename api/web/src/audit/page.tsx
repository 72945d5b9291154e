// Audit: clips by which counts are checked, how well lines count, and who did what.
import '../setup/setup.css';
import './audit.css';
import { useEffect } from 'preact/hooks';
import { useSession } from '../sign-in/session';
import { useWords } from '../ui/language';
import { Empty } from '../ui/parts';
import { Link, useRouter } from '../ui/router';
import { AccuracyPage } from './accuracy';
import { ClipPage } from './clip';
import { ClipList } from './clip-list';
import { Log } from './log';

const parts = ['clips', 'accuracy', 'log'] as const;
type Part = (typeof parts)[number];

const needs = { clips: 'clips.read', accuracy: 'clips.read', log: 'audit.read' } as const;

export default function AuditPage() {
  const words = useWords();
  const session = useSession();
  const { path, go } = useRouter();
  const [, , part, id] = path.split('/');
  const shown = parts.find(p => p === part);
  useEffect(() => {
    if (!part) go('/audit/clips', true);
  }, [part]);
  useEffect(() => {
    document.title = `${shown ? words.audit.parts[shown] : words.shell.audit} · Footfall`;
  }, [shown, words]);
  if (!session.may(needs[shown ?? 'clips'])) return <Empty title={words.audit.notAllowed} />;
  return (
    <div class="setup">
      <nav aria-label={words.shell.audit} class="parts no-print">
        {parts
          .filter(p => session.may(needs[p]))
          .map(p => (
            <Link key={p} href={`/audit/${p}`} current={p === shown}>
              {words.audit.parts[p]}
            </Link>
          ))}
      </nav>
      <Shown part={shown} id={id && decodeURIComponent(id)} />
    </div>
  );
}

function Shown({ part, id }: { part: Part | undefined; id: string | undefined }) {
  const words = useWords();
  if (part === 'clips') return id ? <ClipPage key={id} id={id} /> : <ClipList />;
  if (part === 'accuracy') return <AccuracyPage />;
  if (part === 'log') return <Log />;
  return <Empty title={words.common.nowhere} />;
}
