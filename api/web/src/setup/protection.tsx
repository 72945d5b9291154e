// What this installation keeps, for how long, and how many may see it: to be read, and to be printed.
import { get, type Schemas } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer } from '../ui/parts';

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
    <div class="card scroll" tabIndex={0} role="region" aria-label={words.protection.kept}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{words.protection.what}</th>
            <th scope="col">{words.protection.kept}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([what, kept]) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>{kept}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cameras({ facts }: { facts: Facts }) {
  const words = useWords();
  const format = useFormat();
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label={words.protection.cameras}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{words.protection.cameras}</th>
            <th scope="col">{words.protection.pixelated}</th>
            <th scope="col" class="figure">
              {words.protection.masks}
            </th>
            <th scope="col">{words.protection.clips}</th>
          </tr>
        </thead>
        <tbody>
          {facts.cameras.map(camera => (
            <tr key={camera.id}>
              <th scope="row">{camera.name || camera.id}</th>
              <td>{words.protection.pixelation[camera.pixelate]}</td>
              <td class="figure">{format.number(camera.masks)}</td>
              <td>
                {camera.clips_hours === undefined
                  ? words.protection.notKept
                  : words.protection.hours(format.number(camera.clips_hours))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Holders({ facts }: { facts: Facts }) {
  const words = useWords();
  const format = useFormat();
  const sees = Object.entries(words.protection.sees) as [string, string][];
  return (
    <div class="card scroll" tabIndex={0} role="region" aria-label={words.protection.who}>
      <table class="data">
        <thead>
          <tr>
            <th scope="col">{words.protection.who}</th>
            <th scope="col" class="figure">
              {words.protection.people}
            </th>
            <th scope="col" class="figure">
              {words.protection.programs}
            </th>
          </tr>
        </thead>
        <tbody>
          {sees.map(([permission, text]) => {
            const holders = facts.access.find(a => a.permission === permission);
            return (
              <tr key={permission}>
                <th scope="row">{text}</th>
                <td class="figure">{format.number(holders?.people ?? 0)}</td>
                <td class="figure">{format.number(holders?.programs ?? 0)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
