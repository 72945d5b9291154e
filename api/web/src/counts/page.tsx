// Counts: what managers come for.
import './counts.css';
import './paper.css';
import { useEffect } from 'preact/hooks';
import type { Area } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty } from '../ui/parts';
import { Link } from '../ui/router';
import { FootfallFigure, InsideFigure, WaysFigure, WeekFigure } from './figures';
import { Figures } from './numbers';
import { Picker, usePeriodText } from './picker';
import { type Counts, loadCounts } from './series';
import { nameOf, type Places, usePlaces, useView, type View } from './view';

export default function CountsPage() {
  return <Answer of={usePlaces()}>{places => <Chosen places={places} />}</Answer>;
}

function Chosen({ places }: { places: Places }) {
  const words = useWords();
  const view = useView(places);
  if (!view) {
    return (
      <Empty title={words.counts.nothing}>
        <p>{words.counts.nothingHint}</p>
        <Link class="button primary" href="/setup/cameras/new">
          {words.setup.addCamera}
        </Link>
      </Empty>
    );
  }
  return <Viewed places={places} view={view} />;
}

// How often a view is asked for again, in milliseconds: counts are kept by the minute.
const every = 30_000;

function Viewed({ places, view }: { places: Places; view: View }) {
  const words = useWords();
  const format = useFormat();
  const periodText = usePeriodText();
  const { subject, period } = view;
  const name = nameOf(subject);
  const areas = places.areas.filter(a => a.site === subject.site?.id);
  useEffect(() => {
    document.title = `${name} · ${words.shell.counts} · Footfall`;
  }, [name, words]);
  const of = subject.kind === 'line' ? `${subject.camera.id}/${subject.line}` : nameOf(subject);
  const key = `${subject.kind} ${of} ${period.from} ${period.to} ${view.step} ${view.zone}`;
  const running = period.from <= view.today && view.today < period.to;
  const asked = useAnswer(key, signal => loadCounts(view, signal), running ? every : 0);
  return (
    <div class="counts" aria-busy={asked.stale}>
      <header class="page-head">
        <div>
          <h1>{name}</h1>
          <p class="quiet">
            {periodText(period)} <span class="zone">({view.zone})</span>
          </p>
        </div>
        {asked.data && <Fresh at={format.hour(asked.data.asked, view.zone)} late={Boolean(asked.error)} />}
      </header>
      <Picker places={places} view={view} />
      <Answer of={asked}>{counts => <Report view={view} counts={counts} areas={areas} />}</Answer>
    </div>
  );
}

// Fresh says how old the numbers are: what is on the screen may have been asked for before the server went away.
function Fresh({ at, late }: { at: string; late: boolean }) {
  const words = useWords();
  return (
    <p class="small quiet" role="status">
      {late && <strong class="late">{words.counts.late} </strong>}
      {words.counts.asOf(at)}
    </p>
  );
}

function Report({ view, counts, areas }: { view: View; counts: Counts; areas: Area[] }) {
  return (
    <>
      <Figures view={view} counts={counts} />
      <div class="figures">
        <FootfallFigure view={view} counts={counts} />
        <WaysFigure view={view} counts={counts} />
        <InsideFigure view={view} areas={areas} />
        <WeekFigure view={view} counts={counts} />
      </div>
    </>
  );
}
