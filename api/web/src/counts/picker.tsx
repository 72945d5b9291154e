// What to look at: site, area, line, period, step. Every choice is in the address.
import { useState } from 'preact/hooks';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, Segments, Select } from '../ui/parts';
import { useRouter } from '../ui/router';
import { addDays, isDay, noon, type Period, type Preset, presets } from './calendar';
import { choose, linkTo, type Places, type View } from './view';

export function Picker({ places, view }: { places: Places; view: View }) {
  const words = useWords();
  const { ask } = useRouter();
  return (
    <div class="picker card no-print">
      <Where places={places} view={view} />
      <When view={view} />
      {view.steps.length > 1 && (
        <div class="field">
          <span class="label">{words.counts.step}</span>
          <Segments
            label={words.counts.step}
            options={view.steps.map(step => [step, words.counts.steps[step]])}
            value={view.step}
            onChange={step => ask({ step: step === view.steps[0] ? undefined : step }, true)}
          />
        </div>
      )}
      <Share view={view} />
    </div>
  );
}

// Where offers the areas of the site, and the lines of the area's doors; of all cameras where there is no area.
function Where({ places, view }: { places: Places; view: View }) {
  const words = useWords();
  const { ask, query } = useRouter();
  const { subject } = view;
  const site = subject.site?.id ?? '';
  const area = subject.kind === 'area' ? subject.area.id : (query.get('area') ?? '');
  const areas = places.areas.filter(a => a.site === site);
  const doors = places.areas.find(a => a.id === area)?.doors;
  const lines = places.cameras.flatMap(camera =>
    camera.lines
      .filter(line => !doors || doors.some(d => d.camera === camera.id && d.line === line.id))
      .map((line): [string, string] => [`${camera.id}/${line.id}`, `${camera.name} · ${line.name || line.id}`]),
  );
  const line = subject.kind === 'line' ? `${subject.camera.id}/${subject.line}` : '';
  return (
    <>
      {places.sites.length > 0 && (
        <Select
          label={words.counts.site}
          value={site}
          options={places.sites.map(s => [s.id, s.name])}
          onChange={id => ask(choose.subject(id))}
        />
      )}
      {areas.length > 0 && (
        <Select
          label={words.counts.area}
          value={area}
          options={[['', words.counts.wholeSite], ...areas.map((a): [string, string] => [a.id, a.name])]}
          onChange={id => ask(choose.subject(site, id))}
        />
      )}
      <Select
        label={words.counts.line}
        value={line}
        options={[...(places.sites.length ? [['', words.counts.allLines] as [string, string]] : []), ...lines]}
        onChange={id => ask(choose.subject(site, area, id))}
      />
    </>
  );
}

function When({ view }: { view: View }) {
  const words = useWords();
  const { ask } = useRouter();
  const { period } = view;
  const [own, setOwn] = useState(!period.preset);
  return (
    <>
      <Select
        label={words.counts.period}
        value={own || !period.preset ? 'own' : period.preset}
        options={[
          ...presets.map((p): [string, string] => [p, words.counts.presets[p]]),
          ['own', words.counts.ownPeriod],
        ]}
        onChange={value => {
          setOwn(value === 'own');
          if (value === 'own') ask(choose.days(period.from, addDays(period.to, -1)));
          else ask(choose.preset(value as Preset));
        }}
      />
      {(own || !period.preset) && <Days period={period} />}
    </>
  );
}

// Days are chosen by their first and last: people do not think in half-open intervals.
function Days({ period }: { period: Period }) {
  const words = useWords();
  const { ask } = useRouter();
  const last = addDays(period.to, -1);
  const pick = (from: string, to: string) => {
    if (!isDay(from) || !isDay(to)) return;
    ask(from <= to ? choose.days(from, to) : choose.days(to, from));
  };
  return (
    <div class="days">
      <div class="field">
        <label for="first-day">{words.counts.from}</label>
        <input
          id="first-day"
          class="input"
          type="date"
          value={period.from}
          onChange={e => pick(e.currentTarget.value, last)}
        />
      </div>
      <div class="field">
        <label for="last-day">{words.counts.to}</label>
        <input
          id="last-day"
          class="input"
          type="date"
          value={last}
          onChange={e => pick(period.from, e.currentTarget.value)}
        />
      </div>
    </div>
  );
}

function Share({ view }: { view: View }) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(linkTo(view));
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="share">
      <Button icon={copied ? 'check' : 'link'} onClick={copy}>
        <span aria-live="polite">{copied ? words.counts.copied : words.counts.copyLink}</span>
      </Button>
      <Button icon="print" onClick={() => print()}>
        {words.counts.print}
      </Button>
    </div>
  );
}

// usePeriodText writes the days of a period.
export function usePeriodText(): (period: Period) => string {
  const format = useFormat();
  return ({ from, to }) => {
    const last = addDays(to, -1);
    if (from === last) return format.dayLong(noon(from), 'UTC');
    return `${format.dayLong(noon(from), 'UTC')} – ${format.dayLong(noon(last), 'UTC')}`;
  };
}
