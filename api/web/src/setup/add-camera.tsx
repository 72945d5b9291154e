// A camera is added by its address. Then its page says what comes of it: the picture, or what is wrong.
import { useState } from 'preact/hooks';
import { type Camera, type Refusal, send } from '../api/client';
import { useWords } from '../ui/language';
import { Button, Field, Notice, Select } from '../ui/parts';
import { useRouter } from '../ui/router';
import { type Trial, TrialResult } from './trial';

// idOf makes an id of a name: what cannot stand in one becomes a dash.
export function idOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return plain
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}

// useWork does one thing at a time that may be refused.
function useWork() {
  const [busy, setBusy] = useState<string>();
  const [refusal, setRefusal] = useState<Refusal>();
  const work = async (what: string, ask: () => Promise<void>) => {
    setBusy(what);
    setRefusal(undefined);
    try {
      await ask();
    } catch (error) {
      setRefusal(error as Refusal);
    }
    setBusy(undefined);
  };
  return { busy, refusal, work };
}

export function AddCamera({ onAdded }: { onAdded?: (camera: Camera) => void }) {
  const words = useWords();
  const { go } = useRouter();
  const [name, setName] = useState('');
  const [id, setID] = useState('');
  const [url, setURL] = useState('');
  const [transport, setTransport] = useState('tcp');
  const [trial, setTrial] = useState<Trial>();
  const { busy, refusal, work } = useWork();
  const tryOut = () => {
    setTrial(undefined);
    work('trying', async () => {
      setTrial(await send<Trial>('POST', '/camera-trials', {}, { url: url.trim(), transport }));
    });
  };
  const add = (event: Event) => {
    event.preventDefault();
    work('adding', async () => {
      const body = { id: id || idOf(name) || `camera-${Date.now().toString(36)}`, name, url: url.trim(), transport };
      const camera = await send<Camera>('POST', '/cameras', {}, body);
      if (onAdded) onAdded(camera);
      else go(`/setup/cameras/${camera.id}`);
    });
  };
  const aboutURL = refusal && /url|address/.test(refusal.field ?? '');
  return (
    <>
      {!onAdded && (
        <header class="page-head">
          <h1>{words.setup.addCamera}</h1>
        </header>
      )}
      <form class="card form" onSubmit={add}>
        <Field
          label={words.setup.name}
          value={name}
          onChange={setName}
          placeholder={words.setup.nameExample}
          maxLength={200}
          required
          autofocus
        />
        <Field
          label={words.setup.address}
          hint={words.setup.addressHint}
          {...(aboutURL ? { wrong: refusal.message } : {})}
          value={url}
          onChange={address => {
            setURL(address);
            setTrial(undefined);
          }}
          placeholder="rtsp://user:password@192.168.7.20/stream1"
          required
          spellcheck={false}
          autocomplete="off"
        />
        <div class="two">
          <Field
            label={words.setup.id}
            hint={words.setup.idHint}
            value={id}
            onChange={setID}
            placeholder={idOf(name)}
            pattern="[A-Za-z0-9_\-]{1,64}"
          />
          <Select
            label={words.setup.transport}
            value={transport}
            options={[
              ['tcp', words.setup.tcp],
              ['udp', words.setup.udp],
            ]}
            onChange={setTransport}
          />
        </div>
        {refusal && !aboutURL && <Notice mood="bad">{refusal.message}</Notice>}
        <div aria-live="polite">
          {busy === 'trying' && <Notice>{words.setup.trying}</Notice>}
          {trial && <TrialResult trial={trial} />}
        </div>
        <div class="row">
          <Button type="submit" look="primary" disabled={busy !== undefined}>
            {words.setup.connect}
          </Button>
          <Button onClick={tryOut} disabled={busy !== undefined || !url.trim()}>
            {words.setup.tryOut}
          </Button>
          {!onAdded && <Button onClick={() => go('/setup/cameras')}>{words.common.cancel}</Button>}
        </div>
      </form>
    </>
  );
}
