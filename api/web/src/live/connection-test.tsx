// The ways by which live pictures can reach this browser, tried one after the other.
import { useEffect, useState } from 'preact/hooks';
import { address } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, Dialog } from '../ui/parts';
import { Session, type SessionOptions } from './whep';

interface Result {
  works?: boolean; // undefined: not tried, or being tried
  ms?: number;
  why?: string;
}

const patience = 8000;

function tryWay(url: string, options: SessionOptions): Promise<Result> {
  const began = performance.now();
  return new Promise(done => {
    const finish = (result: Result) => {
      clearTimeout(late);
      session.close();
      done(result);
    };
    const session = new Session(
      url,
      {
        onstate: state => state === 'connected' && finish({ works: true, ms: performance.now() - began }),
        onend: why => finish({ works: false, why }),
      },
      options,
    );
    const late = setTimeout(() => finish({ works: false, why: `${patience / 1000} s` }), patience);
    session.open();
  });
}

async function tryStill(url: string): Promise<Result> {
  const began = performance.now();
  try {
    const answer = await fetch(url);
    if (answer.ok) return { works: true, ms: performance.now() - began };
    return { works: false, why: ((await answer.json()) as { detail: string }).detail };
  } catch (error) {
    return { works: false, why: (error as Error).message };
  }
}

export function ConnectionTest({
  camera,
  servers,
  onClose,
}: {
  camera: string;
  servers: RTCIceServer[];
  onClose: () => void;
}) {
  const words = useWords();
  const format = useFormat();
  const ways = ['UDP', 'TCP', 'TURN', words.live.stills];
  const [results, setResults] = useState<Result[]>([]);
  useEffect(() => {
    let here = true;
    const whep = address('/cameras/{id}/whep', { id: camera }, { class: 'tile' });
    const turn = servers.filter(server => String(server.urls).startsWith('turn'));
    const tries: (() => Promise<Result>)[] = [
      () => tryWay(whep, { servers, only: 'udp' }),
      () => tryWay(whep, { servers, only: 'tcp' }),
      async () =>
        turn.length ? tryWay(whep, { servers: turn, relay: true }) : { works: false, why: words.live.noTurn },
      () => tryStill(address('/cameras/{id}/snapshot.jpg', { id: camera }, { class: 'tile' })),
    ];
    (async () => {
      for (const one of tries) {
        const result = await one();
        if (!here) return;
        setResults(before => [...before, result]);
      }
    })();
    return () => {
      here = false;
    };
  }, []);
  const text = (result: Result | undefined, i: number) => {
    if (result?.works) return words.live.works(format.number(result.ms ?? 0));
    if (result) return words.live.fails(result.why ?? '');
    return i === results.length ? words.live.trying : '';
  };
  return (
    <Dialog title={words.live.test} onClose={onClose}>
      <p class="quiet">{words.live.testHint}</p>
      <table class="data">
        <tbody>
          {ways.map((way, i) => (
            <tr key={way}>
              <th scope="row">{way}</th>
              <td class="result" data-works={results[i]?.works}>
                {text(results[i], i)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions">
        <Button look="primary" onClick={onClose}>
          {words.common.close}
        </Button>
      </div>
    </Dialog>
  );
}
