// The page of one camera: how it is doing, its picture with the drawing, its settings.
import { useEffect, useState } from 'preact/hooks';
import { address, type Camera, type CameraStatus, get, type Refusal, Refusal as Refused, send } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Button, Check, Dialog, Field, Notice, Select } from '../ui/parts';
import { Link, useRouter } from '../ui/router';
import { CameraState } from './camera-list';
import { Editor } from './editor';

export function CameraPage({ id }: { id: string }) {
  const asked = useAnswer(`camera ${id}`, signal => get('/cameras/{id}', { in: { id }, signal }), 2000);
  return <Answer of={asked}>{camera => <Loaded camera={camera} again={asked.again} />}</Answer>;
}

function Loaded({ camera, again }: { camera: Camera; again: () => void }) {
  const words = useWords();
  const [removing, setRemoving] = useState(false);
  // What is worked on stays when another version is saved elsewhere, until somebody asks to see that one.
  const [{ kept, shown }, keep] = useState({ kept: camera, shown: 0 });
  const saved = (next: Camera) => {
    keep({ kept: next, shown });
    again();
  };
  const still = useStill(camera);
  return (
    <>
      <header class="page-head">
        <div class="row">
          <h1>{camera.name}</h1>
          <CameraState camera={camera} />
        </div>
        <div class="row">
          <Link class="button" href={`/live/${camera.id}`}>
            {words.setup.watch}
          </Link>
          {!camera.declared && (
            <Button look="danger" icon="bin" onClick={() => setRemoving(true)}>
              {words.setup.removeCamera}
            </Button>
          )}
        </div>
      </header>
      <Trouble camera={camera} />
      <Editor key={`drawing ${shown}`} camera={{ ...kept, status: camera.status }} still={still} onSaved={saved} />
      {kept.version < camera.version && (
        <Notice mood="poor">
          {words.setup.changedElsewhere}{' '}
          <Button onClick={() => keep({ kept: camera, shown: shown + 1 })}>{words.setup.showNew}</Button>
        </Notice>
      )}
      <Facts camera={camera} />
      {!camera.declared && <Settings key={`settings ${shown}`} camera={kept} onSaved={saved} />}
      {removing && <Removing camera={camera} onClose={() => setRemoving(false)} />}
    </>
  );
}

// useStill is a picture of the camera, taken anew until there is one, and then now and then.
export function useStill(camera: Camera): string | undefined {
  const [still, setStill] = useState<string>();
  const online = camera.status.state === 'online';
  useEffect(() => {
    const stop = new AbortController();
    let shown: string | undefined;
    let timer: ReturnType<typeof setTimeout>;
    const take = async () => {
      try {
        // What is drawn is drawn here: on the server's drawing, a line would stay behind where it was.
        const picture = address('/cameras/{id}/snapshot.jpg', { id: camera.id }, { bare: true });
        const answer = await fetch(picture, { signal: stop.signal });
        if (answer.ok) {
          const next = URL.createObjectURL(await answer.blob());
          setStill(next);
          if (shown) URL.revokeObjectURL(shown);
          shown = next;
        }
      } catch {
        // The next one is tried below.
      }
      if (!stop.signal.aborted) timer = setTimeout(take, shown ? 10_000 : 1500);
    };
    take();
    return () => {
      stop.abort();
      clearTimeout(timer);
      if (shown) URL.revokeObjectURL(shown);
    };
  }, [camera.id, online]);
  return still;
}

// Trouble says what is wrong with a camera, and what helps.
export function Trouble({ camera }: { camera: Camera }) {
  const words = useWords();
  const { state, reason, detail } = camera.status;
  if (camera.disabled || (state === 'online' && !reason)) return null;
  if (!reason) return state === 'online' ? null : <Notice>{words.setup.connecting}</Notice>;
  return <Wrong mood={state === 'online' ? 'poor' : 'bad'} reason={reason} detail={detail} />;
}

interface Amiss {
  mood?: 'poor' | 'bad';
  reason: NonNullable<CameraStatus['reason']>;
  detail: string | undefined;
}

// Wrong is what is wrong with a camera, in words.
export function Wrong({ mood = 'bad', reason, detail }: Amiss) {
  const words = useWords();
  const advice = words.advice[reason];
  return (
    <Notice mood={mood}>
      <div>
        <strong>{words.reasons[reason]}</strong>
        {advice && <> {advice}</>}
        {detail && <div class="small detail">{detail}</div>}
      </div>
    </Notice>
  );
}

function Facts({ camera }: { camera: Camera }) {
  const words = useWords();
  const format = useFormat();
  const { status } = camera;
  const facts: [string, string][] = [
    [words.setup.address, camera.url],
    [words.setup.size, status.width ? `${status.width} × ${status.height}` : '–'],
    [words.setup.received, words.setup.perSecond(format.number(status.fps, 1))],
    [words.setup.analysed, words.setup.perSecond(format.number(status.analysed_fps, 1))],
    [words.setup.since, format.moment(Date.parse(status.since))],
    [words.setup.reconnects, format.number(status.reconnects)],
    [words.setup.worker, status.worker ?? '–'],
  ];
  return (
    <dl class="facts card">
      {facts.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Settings({ camera, onSaved }: { camera: Camera; onSaved: (camera: Camera) => void }) {
  const words = useWords();
  const [form, setForm] = useState({
    name: camera.name,
    url: '',
    pixelate: camera.privacy.pixelate ?? 'heads',
    anchor: camera.anchor,
    steady: camera.steady,
    disabled: camera.disabled,
  });
  const [refusal, setRefusal] = useState<Refusal>();
  const set = (changes: Partial<typeof form>) => setForm({ ...form, ...changes });
  const save = async (event: Event) => {
    event.preventDefault();
    setRefusal(undefined);
    const { url, pixelate, ...rest } = form;
    const body = {
      version: camera.version,
      ...rest,
      ...(url ? { url } : {}),
      privacy: { ...camera.privacy, pixelate },
    };
    try {
      onSaved(await send<Camera>('PATCH', '/cameras/{id}', { id: camera.id }, body));
      set({ url: '' });
    } catch (error) {
      setRefusal(error as Refusal);
    }
  };
  return (
    <form class="card form" onSubmit={save}>
      <h2>{words.setup.settings}</h2>
      <div class="two">
        <Field label={words.setup.name} value={form.name} onChange={name => set({ name })} maxLength={200} />
        <Field
          label={words.setup.newAddress}
          hint={words.setup.newAddressHint}
          value={form.url}
          onChange={url => set({ url })}
          placeholder={camera.url}
          spellcheck={false}
          autocomplete="off"
        />
        <Select
          label={words.setup.pixelate}
          value={form.pixelate}
          options={[
            ['heads', words.setup.pixelateHeads],
            ['bodies', words.setup.pixelateBodies],
            ['off', words.setup.pixelateOff],
          ]}
          onChange={pixelate => set({ pixelate: pixelate as typeof form.pixelate })}
        />
        <Select
          label={words.setup.anchor}
          value={form.anchor}
          options={[
            ['bottom_centre', words.setup.anchorFeet],
            ['centre', words.setup.anchorCentre],
          ]}
          onChange={anchor => set({ anchor: anchor as typeof form.anchor })}
        />
      </div>
      <div class="row">
        <Check label={words.setup.steady} checked={form.steady} onChange={steady => set({ steady })} />
        <Check label={words.setup.disabled} checked={form.disabled} onChange={disabled => set({ disabled })} />
      </div>
      {refusal && <Notice mood="bad">{refusal.status === 409 ? words.setup.faster : refusal.message}</Notice>}
      <div class="row">
        <Button type="submit" look="primary">
          {words.common.save}
        </Button>
      </div>
    </form>
  );
}

function Removing({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const words = useWords();
  const { go } = useRouter();
  const [error, setError] = useState<Error>();
  const remove = async () => {
    try {
      await send('DELETE', '/cameras/{id}', { id: camera.id });
      go('/setup/cameras');
    } catch (reason) {
      if (reason instanceof Refused && reason.status === 404) go('/setup/cameras');
      else setError(reason as Error);
    }
  };
  return (
    <Dialog title={words.setup.removeQuestion(camera.name)} onClose={onClose}>
      <p>{words.setup.removeHint}</p>
      {error && <Notice mood="bad">{error.message}</Notice>}
      <div class="actions">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button look="danger" onClick={remove}>
          {words.setup.removeCamera}
        </Button>
      </div>
    </Dialog>
  );
}
