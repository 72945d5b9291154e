// What proves a clip, and what can be done with it: check, hold, take along.
import { useState } from 'preact/hooks';
import { address, type Refusal, send } from '../api/client';
import { useSession } from '../sign-in/session';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, Dialog, Field, Notice } from '../ui/parts';
import { Bundle } from './bundle';
import type { Clip } from './clip-list';
import { type Outcome, verifyClip } from './verify';

const moods = { genuine: 'good', altered: 'bad', forged: 'bad', cannot: 'poor' } as const;

export function Evidence({ clip, reason, again }: { clip: Clip; reason: string; again: () => void }) {
  const words = useWords();
  const session = useSession();
  const [outcome, setOutcome] = useState<Outcome>();
  const [error, setError] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const [holding, setHolding] = useState(false);
  const work = async (ask: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    await ask().catch((refused: Refusal) => setError(refused));
    setBusy(false);
  };
  const seen = clip.lines.every(line => clip.revealed.includes(line.id));
  return (
    <section class="card panel-body" aria-labelledby="evidence-title">
      <h2 id="evidence-title">{words.audit.evidence}</h2>
      <Facts clip={clip} />
      {outcome && <Notice mood={moods[outcome]}>{words.audit.outcomes[outcome]}</Notice>}
      {error && <Notice mood="bad">{error.message}</Notice>}
      {!seen && <p class="quiet small">{words.audit.revealsToo}</p>}
      <div class="row">
        <Button
          icon="check"
          disabled={busy}
          onClick={() =>
            work(async () => {
              setOutcome(await verifyClip(clip.id, reason));
              again();
            })
          }
        >
          {words.audit.verify}
        </Button>
        <a
          class="button"
          href={address('/clips/{id}/manifest.json', { id: clip.id }, { reason })}
          download={`${clip.id}.json`}
        >
          {words.audit.manifest}
        </a>
        <Bundle clips={[clip.id]} reason={reason} />
        {session.may('clips.hold') && (
          <Button onClick={() => setHolding(true)}>{clip.hold ? words.audit.release : words.audit.hold}</Button>
        )}
      </div>
      {holding && (
        <HoldDialog
          clip={clip}
          onClose={() => {
            setHolding(false);
            again();
          }}
        />
      )}
    </section>
  );
}

function Facts({ clip }: { clip: Clip }) {
  const words = useWords();
  const format = useFormat();
  const facts: [string, string][] = [
    [words.audit.begins, format.moment(Date.parse(clip.start))],
    [words.audit.length, words.audit.seconds(format.number(clip.seconds, 1))],
    [words.audit.picture, `${clip.width} × ${clip.height}, ${words.audit.pictures(format.number(clip.pictures))}`],
    [words.audit.model, clip.model_version],
    [words.audit.drawing, words.audit.version(format.number(clip.config_version))],
    [words.audit.chain, clip.chain ? words.audit.place(format.number(clip.chain)) : '–'],
    [clip.hold ? words.audit.kept : words.audit.goes, clip.hold?.reason ?? format.moment(Date.parse(clip.expires))],
    ['SHA-256', clip.sha256],
  ];
  return (
    <dl class="proof">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function HoldDialog({ clip, onClose }: { clip: Clip; onClose: () => void }) {
  const words = useWords();
  const [why, setWhy] = useState('');
  const [error, setError] = useState<Refusal>();
  const title = clip.hold ? words.audit.release : words.audit.hold;
  const act = async (event: Event) => {
    event.preventDefault();
    try {
      if (clip.hold) await send('DELETE', '/clips/{id}/hold', { id: clip.id }, undefined, { reason: why });
      else await send('PUT', '/clips/{id}/hold', { id: clip.id }, { reason: why });
      onClose();
    } catch (refused) {
      setError(refused as Refusal);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={act}>
        <p class="quiet">{clip.hold ? words.audit.releaseHint : words.audit.holdHint}</p>
        <Field label={words.audit.reason} value={why} onChange={setWhy} minLength={3} maxLength={1000} required />
        {error && <Notice mood="bad">{error.message}</Notice>}
        <div class="actions">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="submit" look="primary">
            {title}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
