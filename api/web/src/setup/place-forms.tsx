// The forms of sites and areas.
import { useState } from 'preact/hooks';
import { type Area, type Camera, cameras, get, type Refusal, type Site, send } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useWords } from '../ui/language';
import { Answer, Button, Check, Field, IconButton, Notice, Select } from '../ui/parts';
import { useRouter } from '../ui/router';
import { idOf } from './add-camera';
import { HoursField, type HoursRow, hoursOf, rowsOf } from './hours';

export function SitePage({ id }: { id: string | undefined }) {
  const asked = useAnswer(`site ${id}`, async signal => (id ? await get('/sites/{id}', { in: { id }, signal }) : null));
  return <Answer of={asked}>{site => <SiteForm site={site} />}</Answer>;
}

// useSaving sends a form and goes back to the places.
function useSaving() {
  const { go } = useRouter();
  const [refusal, setRefusal] = useState<Refusal>();
  const run = async (work: () => Promise<unknown>) => {
    setRefusal(undefined);
    try {
      await work();
      go('/setup/places');
    } catch (error) {
      setRefusal(error as Refusal);
    }
  };
  return { refusal, run, cancel: () => go('/setup/places') };
}

function SiteForm({ site }: { site: Site | null }) {
  const words = useWords();
  const { refusal, run, cancel } = useSaving();
  const [name, setName] = useState(site?.name ?? '');
  const [zone, setZone] = useState(site?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [weekStarts, setWeekStarts] = useState(site?.week_starts ?? 'monday');
  const [hours, setHours] = useState<HoursRow[]>(rowsOf(site));
  const save = (event: Event) => {
    event.preventDefault();
    const body = {
      id: site?.id ?? (idOf(name) || `site-${Date.now().toString(36)}`),
      name,
      zone,
      week_starts: weekStarts,
      hours: hoursOf(hours),
      exceptions: site?.exceptions ?? [],
      ...(site ? { version: site.version } : {}),
    };
    run(() => (site ? send('PUT', '/sites/{id}', { id: site.id }, body) : send('POST', '/sites', {}, body)));
  };
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <form class="card form" onSubmit={save}>
      <h1>{site ? site.name : words.setup.addSite}</h1>
      {site?.declared && <Notice>{words.setup.declared}</Notice>}
      <fieldset disabled={site?.declared} class="form-body">
        <Field label={words.setup.name} value={name} onChange={setName} required maxLength={200} />
        <div class="two">
          <Select
            label={words.setup.zone}
            value={zone}
            options={(zones.includes(zone) ? zones : [zone, ...zones]).map(z => [z, z])}
            onChange={setZone}
          />
          <Select
            label={words.setup.weekStarts}
            value={weekStarts}
            options={[
              ['monday', words.setup.monday],
              ['saturday', words.setup.saturday],
              ['sunday', words.setup.sunday],
            ]}
            onChange={setWeekStarts}
          />
        </div>
        <HoursField rows={hours} onChange={setHours} />
      </fieldset>
      {refusal && (
        <Notice mood="bad">{refusal.status === 409 && !site?.declared ? words.setup.faster : refusal.message}</Notice>
      )}
      <FormActions
        declared={site?.declared}
        cancel={cancel}
        {...(site ? { remove: () => run(() => send('DELETE', '/sites/{id}', { id: site.id })) } : {})}
      />
    </form>
  );
}

function FormActions(props: { declared: boolean | undefined; cancel: () => void; remove?: () => void }) {
  const words = useWords();
  const [sure, setSure] = useState(false);
  return (
    <div class="row">
      {!props.declared && (
        <Button type="submit" look="primary">
          {words.common.save}
        </Button>
      )}
      <Button onClick={props.cancel}>{words.common.cancel}</Button>
      {!props.declared && props.remove && (
        <Button look="danger" class="right" onClick={() => (sure ? props.remove?.() : setSure(true))}>
          {sure ? words.setup.reallyRemove : words.setup.removePlace}
        </Button>
      )}
    </div>
  );
}

interface AreaQuestion {
  area: Area | null;
  sites: Site[];
  cameras: Camera[];
}

export function AreaPage({ id }: { id: string | undefined }) {
  const asked = useAnswer<AreaQuestion>(`area ${id}`, async signal => {
    const [area, sites, found] = await Promise.all([
      id ? get('/areas/{id}', { in: { id }, signal }) : null,
      get('/sites', { signal }),
      cameras(signal),
    ]);
    return { area, sites: sites.items, cameras: found };
  });
  return <Answer of={asked}>{question => <AreaForm {...question} />}</Answer>;
}

type Door = NonNullable<Area['doors']>[number];

function AreaForm({ area, sites, cameras: known }: AreaQuestion) {
  const words = useWords();
  const { query } = useRouter();
  const { refusal, run, cancel } = useSaving();
  const [name, setName] = useState(area?.name ?? '');
  const [site, setSite] = useState(area?.site ?? query.get('site') ?? sites[0]?.id ?? '');
  const [doors, setDoors] = useState<Door[]>(area?.doors ?? []);
  const [capacity, setCapacity] = useState(String(area?.capacity || ''));
  const [reset, setReset] = useState(area?.reset ?? '04:00');
  const save = (event: Event) => {
    event.preventDefault();
    const { declared: _, ...rest } = area ?? { declared: false };
    const body = {
      ...rest,
      id: area?.id ?? (idOf(name) || `area-${Date.now().toString(36)}`),
      name,
      site,
      doors,
      capacity: Number(capacity) || 0,
      reset,
    };
    run(() => (area ? send('PUT', '/areas/{id}', { id: area.id }, body) : send('POST', '/areas', {}, body)));
  };
  return (
    <form class="card form" onSubmit={save}>
      <h1>{area ? area.name : words.setup.addArea}</h1>
      {area?.declared && <Notice>{words.setup.declared}</Notice>}
      <fieldset disabled={area?.declared} class="form-body">
        <Field label={words.setup.name} value={name} onChange={setName} required maxLength={200} />
        <div class="two">
          <Select label={words.counts.site} value={site} options={sites.map(s => [s.id, s.name])} onChange={setSite} />
          <Field
            label={words.setup.capacity}
            hint={words.setup.capacityHint}
            type="number"
            min={0}
            value={capacity}
            onChange={setCapacity}
          />
          <Field
            label={words.setup.reset}
            hint={words.setup.resetHint}
            value={reset}
            onChange={setReset}
            pattern="\d\d:\d\d|never"
            required
          />
        </div>
        <Doors doors={doors} cameras={known} onChange={setDoors} />
      </fieldset>
      {refusal && <Notice mood="bad">{refusal.message}</Notice>}
      <FormActions
        declared={area?.declared}
        cancel={cancel}
        {...(area ? { remove: () => run(() => send('DELETE', '/areas/{id}', { id: area.id })) } : {})}
      />
    </form>
  );
}

// Doors are lines of cameras; of a reversed one, who goes out comes in.
function Doors({
  doors,
  cameras: known,
  onChange,
}: {
  doors: Door[];
  cameras: Camera[];
  onChange: (doors: Door[]) => void;
}) {
  const words = useWords();
  const key = (d: Door) => `${d.camera}/${d.line}`;
  const nameOf = (d: Door) => {
    const camera = known.find(c => c.id === d.camera);
    return `${camera?.name ?? d.camera} · ${camera?.lines.find(l => l.id === d.line)?.name || d.line}`;
  };
  const free = known
    .flatMap(c => c.lines.map((l): Door => ({ camera: c.id, line: l.id })))
    .filter(d => !doors.some(o => key(o) === key(d)));
  return (
    <fieldset class="doors">
      <legend class="label">{words.setup.doors}</legend>
      <p class="quiet small">{words.setup.doorsHint}</p>
      <ul>
        {doors.map(door => (
          <li key={key(door)} class="row spread">
            <span>{nameOf(door)}</span>
            <span class="row">
              <Check
                label={words.setup.reversed}
                checked={door.reversed ?? false}
                onChange={reversed => onChange(doors.map(d => (d === door ? { ...d, reversed } : d)))}
              />
              <IconButton
                icon="bin"
                label={words.setup.remove(nameOf(door))}
                onClick={() => onChange(doors.filter(d => d !== door))}
              />
            </span>
          </li>
        ))}
      </ul>
      {free.length > 0 && (
        <Select
          label={words.setup.addDoor}
          hideLabel
          value=""
          options={[['', words.setup.addDoor], ...free.map((d): [string, string] => [key(d), nameOf(d)])]}
          onChange={value => {
            const door = free.find(d => key(d) === value);
            if (door) onChange([...doors, door]);
          }}
        />
      )}
    </fieldset>
  );
}
