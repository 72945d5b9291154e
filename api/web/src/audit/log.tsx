// The audit log: who did what. It cannot be changed here or anywhere else.
import { useState } from 'preact/hooks';
import { address, get, type Schemas } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Button, Empty, Field, Select } from '../ui/parts';
import { useRouter } from '../ui/router';
import { DataTable } from '../ui/table';
import { Paging } from './paging';
import { useReason } from './reason';

type Entry = Schemas['AuditRecord'];

// kinds are the beginnings of actions that can be asked for.
const kinds = [
  'clip.',
  'audit.',
  'session.',
  'password.',
  'user.',
  'token.',
  'camera.',
  'site.',
  'area.',
  'webhook.',
  'request.',
];

export function Log() {
  const words = useWords();
  const { query, ask } = useRouter();
  const one = (name: string) => query.get(name) ?? undefined;
  const asked = useAnswer(query.toString(), signal =>
    get('/audit', {
      query: {
        limit: 100,
        actor: one('actor'),
        action: one('action'),
        outcome: one('outcome') as Entry['outcome'] | undefined,
        cursor: one('cursor'),
      },
      signal,
    }),
  );
  const pick = (name: string) => (value: string) => ask({ [name]: value || undefined, cursor: undefined }, true);
  return (
    <>
      <header class="page-head">
        <h1>{words.audit.parts.log}</h1>
        <Export />
      </header>
      <p class="quiet">{words.audit.logHint}</p>
      <div class="filters">
        <Select
          label={words.audit.action}
          value={one('action') ?? ''}
          options={[['', words.audit.all], ...kinds.map((k): [string, string] => [k, words.audit.actions[k] ?? k])]}
          onChange={pick('action')}
        />
        <Select
          label={words.audit.outcome}
          value={one('outcome') ?? ''}
          options={[['', words.audit.all], ...(Object.entries(words.audit.results) as [string, string][])]}
          onChange={pick('outcome')}
        />
        <Field label={words.audit.actor} value={one('actor') ?? ''} onChange={pick('actor')} spellcheck={false} />
      </div>
      <Answer of={asked}>
        {({ items, next_cursor }) => (
          <>
            {items.length ? <Entries entries={items} /> : <Empty title={words.audit.noEntries} />}
            <Paging next={next_cursor} />
          </>
        )}
      </Answer>
    </>
  );
}

function Entries({ entries }: { entries: Entry[] }) {
  const words = useWords();
  const format = useFormat();
  return (
    <DataTable
      class="card log"
      stack
      label={words.audit.parts.log}
      columns={[
        { title: words.audit.when },
        { title: '#', figure: true, class: 'quiet' },
        { title: words.audit.actor, class: 'wide' },
        { title: words.audit.action },
        { title: words.audit.object, class: 'wide' },
        { title: words.audit.reason, class: 'wide' },
        { title: words.audit.outcome },
      ]}
      rows={entries.map(entry => ({
        key: entry.seq,
        cells: [
          format.moment(Date.parse(entry.time)),
          entry.seq,
          entry.actor.name || entry.actor.id || entry.actor.kind,
          <code>{entry.action}</code>,
          [entry.camera, entry.object].filter(Boolean).join(' · '),
          entry.reason,
          <span class="badge" data-mood={entry.outcome === 'done' ? undefined : 'bad'}>
            {words.audit.results[entry.outcome]}
          </span>,
        ],
      }))}
    />
  );
}

// Export is the log as a file that can be checked offline. That it was taken stands in it, with the reason.
function Export() {
  const words = useWords();
  const [kept] = useReason();
  const [why, setWhy] = useState(kept ?? '');
  return (
    <form class="row" method="get" action={address('/audit/export.jsonl')}>
      <label class="label" for="export-reason">
        {words.audit.reason}
      </label>
      <input
        id="export-reason"
        class="input export-reason"
        name="reason"
        value={why}
        minLength={3}
        maxLength={1000}
        required
        onInput={event => setWhy(event.currentTarget.value)}
      />
      <Button type="submit" icon="download">
        {words.audit.export}
      </Button>
    </form>
  );
}
