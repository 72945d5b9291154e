// The list of clips. Its filters stand in the address.
import { useState } from 'preact/hooks';
import { address, type Camera, cameras, get, type Schemas } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty, Field, Select } from '../ui/parts';
import { Link, useRouter } from '../ui/router';
import { Bundle } from './bundle';
import { Paging } from './paging';
import { ReasonBar, useReason } from './reason';

export type Clip = Schemas['Clip'];
type Trigger = Schemas['TriggerKind'];

const page = 24;

// asked is what the address asks for, as the API wants it. Days are those of this device.
function asked(query: URLSearchParams) {
  const day = (name: string, after = 0) => {
    const text = query.get(name);
    if (!text) return undefined;
    const at = new Date(`${text}T00:00`);
    at.setDate(at.getDate() + after);
    return at.toISOString();
  };
  const one = (name: string) => query.get(name) ?? undefined;
  const [camera, trigger] = [one('camera'), one('trigger') as Trigger | undefined];
  return {
    limit: page,
    cursor: one('cursor'),
    camera: camera ? [camera] : undefined,
    line: one('line'),
    trigger: trigger ? [trigger] : undefined,
    held: query.get('held') === 'true' ? true : undefined,
    from: day('from'),
    to: day('to', 1),
  };
}

export function ClipList() {
  const words = useWords();
  const { query } = useRouter();
  const [reason, setReason] = useReason();
  const [chosen, setChosen] = useState<string[]>([]);
  const known = useAnswer('cameras', signal => cameras(signal));
  const clips = useAnswer(query.toString(), signal => get('/clips', { query: asked(query), signal }));
  return (
    <>
      <header class="page-head">
        <h1>{words.audit.parts.clips}</h1>
        {chosen.length > 0 && <Bundle clips={chosen} reason={reason} />}
      </header>
      <ReasonBar reason={reason} onChange={setReason} />
      <Filters known={known.data ?? []} />
      <Answer of={clips}>
        {({ items, next_cursor }) => (
          <>
            {items.length === 0 && (
              <Empty title={words.audit.none}>
                <p>{words.audit.noneHint}</p>
              </Empty>
            )}
            <ul class="clips">
              {items.map(clip => (
                <Tile
                  key={clip.id}
                  clip={clip}
                  name={known.data?.find(c => c.id === clip.camera)?.name || clip.camera}
                  reason={reason}
                  chosen={chosen.includes(clip.id)}
                  onChoose={on => setChosen(ids => (on ? [...ids, clip.id] : ids.filter(id => id !== clip.id)))}
                />
              ))}
            </ul>
            <Paging next={next_cursor} />
          </>
        )}
      </Answer>
    </>
  );
}

function Filters({ known }: { known: Camera[] }) {
  const words = useWords();
  const { query, ask } = useRouter();
  const pick = (name: string) => (value: string) => ask({ [name]: value || undefined, cursor: undefined }, true);
  const camera = known.find(c => c.id === query.get('camera'));
  const all: [string, string] = ['', words.audit.all];
  return (
    <div class="filters">
      <Select
        label={words.audit.camera}
        value={query.get('camera') ?? ''}
        options={[all, ...known.map((c): [string, string] => [c.id, c.name || c.id])]}
        onChange={id => ask({ camera: id || undefined, line: undefined, cursor: undefined }, true)}
      />
      <Select
        label={words.audit.line}
        value={query.get('line') ?? ''}
        options={[all, ...(camera?.lines ?? []).map((l): [string, string] => [l.id, l.id])]}
        onChange={pick('line')}
        disabled={!camera}
      />
      <Select
        label={words.audit.trigger}
        value={query.get('trigger') ?? ''}
        options={[all, ...(Object.entries(words.audit.triggers) as [string, string][])]}
        onChange={pick('trigger')}
      />
      <Field label={words.audit.from} type="date" value={query.get('from') ?? ''} onChange={pick('from')} />
      <Field label={words.audit.to} type="date" value={query.get('to') ?? ''} onChange={pick('to')} />
      <Select
        label={words.audit.kept}
        value={query.get('held') ?? ''}
        options={[all, ['true', words.audit.heldOnly]]}
        onChange={pick('held')}
      />
    </div>
  );
}

interface TileProps {
  clip: Clip;
  name: string;
  reason: string | undefined;
  chosen: boolean;
  onChoose: (on: boolean) => void;
}

function Tile({ clip, name, reason, chosen, onChoose }: TileProps) {
  const words = useWords();
  const format = useFormat();
  const ready = clip.state === 'stored';
  const title = `${name}, ${format.moment(Date.parse(clip.start))}`;
  return (
    <li class="card clip-tile">
      <Link href={`/audit/clips/${clip.id}`} class="picture">
        <span class="unseen">{title}</span>
        {reason && ready ? (
          <img src={address('/clips/{id}/thumbnail.jpg', { id: clip.id }, { reason })} alt="" loading="lazy" />
        ) : (
          <span>{ready ? words.audit.noPicture : words.audit.states[clip.state]}</span>
        )}
        <span class="length">{words.audit.seconds(format.number(clip.seconds))}</span>
      </Link>
      <div class="about">
        <label class="check">
          <input
            type="checkbox"
            checked={chosen}
            disabled={!ready}
            aria-label={words.audit.choose(title)}
            onChange={event => onChoose(event.currentTarget.checked)}
          />
          <strong>{name}</strong>
        </label>
        <span>{format.moment(Date.parse(clip.start))}</span>
        <Badges clip={clip} />
      </div>
    </li>
  );
}

// Badges say why there is a clip, and what is special about it.
export function Badges({ clip }: { clip: Clip }) {
  const words = useWords();
  const kinds = [...new Set(clip.triggers.map(t => t.kind))];
  return (
    <span class="row">
      {kinds.map(kind => (
        <span key={kind} class="badge">
          {words.audit.triggers[kind]}
        </span>
      ))}
      {clip.hold && (
        <span class="badge" data-mood="poor">
          {words.audit.held}
        </span>
      )}
      {clip.state !== 'stored' && (
        <span class="badge" data-mood="bad">
          {words.audit.states[clip.state]}
        </span>
      )}
    </span>
  );
}
