// A camera is added by its address. Then its page says what comes of it: the picture, or what is wrong.
import { useState } from 'preact/hooks';
import { type Camera, type Refusal, send } from '../api/client';
import { useWords } from '../ui/language';
import { Button, Field, Notice, Select } from '../ui/parts';
import { useRouter } from '../ui/router';

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

export function AddCamera({ onAdded }: { onAdded?: (camera: Camera) => void }) {
  const words = useWords();
  const { go } = useRouter();
  const [name, setName] = useState('');
  const [id, setID] = useState('');
  const [url, setURL] = useState('');
  const [transport, setTransport] = useState('tcp');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const add = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(undefined);
    try {
      const body = { id: id || idOf(name) || `camera-${Date.now().toString(36)}`, name, url: url.trim(), transport };
      const camera = await send<Camera>('POST', '/cameras', {}, body);
      if (onAdded) onAdded(camera);
      else go(`/setup/cameras/${camera.id}`);
    } catch (error) {
      setRefusal(error as Refusal);
      setBusy(false);
    }
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
          onChange={setURL}
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
        <div class="row">
          <Button type="submit" look="primary" disabled={busy}>
            {words.setup.connect}
          </Button>
          {!onAdded && <Button onClick={() => go('/setup/cameras')}>{words.common.cancel}</Button>}
        </div>
      </form>
    </>
  );
}
