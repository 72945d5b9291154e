// What this installation keeps, for how long, and how many may see it: to be read, and to be printed.
import { get, type Schemas } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer } from '../ui/parts';
import { DataTable } from '../ui/table';

type Facts = Schemas['DataProtection'];

export function Protection() {
  const words = useWords();
  const asked = useAnswer('protection', signal => get('/data-protection', { signal }));
  return (
    <section class="protection">
      <h2 class="heading">{words.protection.title}</h2>
      <p class="quiet">{words.protection.hint}</p>
      <Answer of={asked}>
        {facts => (
          <>
            <Kept facts={facts} />
            <Cameras facts={facts} />
            <Holders facts={facts} />
          </>
        )}
      </Answer>
    </section>
  );
}

function Kept({ facts }: { facts: Facts }) {
  const words = useWords();
  const format = useFormat();
  const days = (n: number | undefined) =>
    n === undefined ? words.protection.forEver : words.protection.days(format.number(n));
  const rows: [string, string][] = [
    [words.protection.counts, words.protection.forEver],
    [words.protection.crossings, days(facts.facts_days)],
    [words.protection.recent, words.protection.minutes(format.number(10))],
    [words.protection.pictures, words.protection.notKept],
    [words.protection.log, days(facts.audit_days)],
    [words.protection.sessions, words.protection.hours(format.number(facts.session_hours))],
    [words.protection.small, format.number(facts.small_count)],
  ];
  return (
    <DataTable
      class="card"
      label={words.protection.kept}
      columns={[{ title: words.protection.what }, { title: words.protection.kept }]}
      rows={rows.map(([what, kept]) => ({ key: what, cells: [what, kept] }))}
    />
  );
}

function Cameras({ facts }: { facts: Facts }) {
  const words = useWords();
  const format = useFormat();
  return (
    <DataTable
      class="card"
      stack
      label={words.protection.cameras}
      columns={[
        { title: words.protection.cameras },
        { title: words.protection.pixelated },
        { title: words.protection.masks, figure: true },
        { title: words.protection.clips },
      ]}
      rows={facts.cameras.map(camera => ({
        key: camera.id,
        cells: [
          camera.name || camera.id,
          words.protection.pixelation[camera.pixelate],
          format.number(camera.masks),
          camera.clips_hours === undefined
            ? words.protection.notKept
            : words.protection.hours(format.number(camera.clips_hours)),
        ],
      }))}
    />
  );
}

function Holders({ facts }: { facts: Facts }) {
  const words = useWords();
  const format = useFormat();
  const sees = Object.entries(words.protection.sees) as [string, string][];
  return (
    <DataTable
      class="card"
      label={words.protection.who}
      columns={[
        { title: words.protection.who },
        { title: words.protection.people, figure: true },
        { title: words.protection.programs, figure: true },
      ]}
      rows={sees.map(([permission, text]) => {
        const holders = facts.access.find(a => a.permission === permission);
        return {
          key: permission,
          cells: [text, format.number(holders?.people ?? 0), format.number(holders?.programs ?? 0)],
        };
      })}
    />
  );
}
